//! Commands as shells run them: alone, one after another, with pipes between, with redirections.

use event::{symbols, syscalls as sys};

use super::{AtExec, End, Process, Stage, flags, process::SHELL};

/// Programs of administration, which do not lie in `/usr/bin`.
const SBIN: [&str; 2] = ["insmod", "logrotate"];
/// Where shells put a descriptor aside.
const ASIDE: i64 = 10;

impl Stage {
    /// Runs one command to its end; `act` is what the program does meanwhile.
    pub(crate) fn run(
        &mut self,
        shell: &Process,
        line: &str,
        act: impl FnOnce(&mut Self, &mut Process),
    ) {
        self.run_to(shell, line, End::Code(0), act);
    }

    /// Runs one command that ends in this way.
    pub(crate) fn run_to(
        &mut self,
        shell: &Process,
        line: &str,
        end: End,
        act: impl FnOnce(&mut Self, &mut Process),
    ) {
        let mut child = self.start(shell, line);
        act(self, &mut child);
        self.end(shell, &child, end);
    }

    /// Starts one command. A shell at a terminal gives each a group of its own.
    pub(crate) fn start(&mut self, shell: &Process, line: &str) -> Process {
        let mut child = if shell.is_dash() { self.vfork(shell) } else { self.fork(shell) };
        if shell.tty != 0 {
            self.new_group(&mut child);
        }
        self.become_command(&mut child, line);
        child
    }

    /// The child ends, and the shell learns of it.
    pub(crate) fn end(&mut self, shell: &Process, child: &Process, end: End) {
        self.exit(child, end);
        self.reap(shell, child);
    }

    /// The process becomes the program that a command line names.
    pub(crate) fn become_command(&mut self, who: &mut Process, line: &str) {
        let words = words(line);
        let argv: Vec<&str> = words.iter().map(String::as_str).collect();
        let program = argv.first().copied().unwrap_or_default();
        let folder = if SBIN.contains(&program) { "/usr/sbin/" } else { "/usr/bin/" };
        let file = match program {
            "sh" => SHELL.to_owned(),
            path if path.contains('/') => path.to_owned(),
            name => format!("{folder}{name}"),
        };
        self.exec(who, &file, &argv);
    }

    /// Starts commands with a pipe between each and the next.
    pub(crate) fn pipeline<const N: usize>(
        &mut self,
        shell: &mut Process,
        lines: [&str; N],
    ) -> [Process; N] {
        let mut input = None;
        let mut position = 0;
        lines.map(|line| {
            position += 1;
            let pipe = (position < N).then(|| self.pipe(shell, AtExec::Kept));
            let mut child = self.fork(shell);
            self.join_pipes(&mut child, input, pipe);
            self.become_command(&mut child, line);
            let ours = [input.take(), pipe.map(|(_, write)| write)];
            ours.into_iter().flatten().for_each(|fd| self.close(shell, fd));
            input = pipe.map(|(read, _)| read);
            child
        })
    }

    /// Puts the ends of pipes in place of a child's input and output.
    fn join_pipes(&mut self, child: &mut Process, input: Option<i64>, output: Option<(i64, i64)>) {
        if let Some(read) = input {
            self.copy_fd(child, read, 0);
            self.close(child, read);
        }
        if let Some((read, write)) = output {
            self.close(child, read);
            self.copy_fd(child, write, 1);
            self.close(child, write);
        }
    }

    /// The shell itself writes text to a file, as `echo … > file` does.
    pub(crate) fn echo_to(&mut self, shell: &mut Process, path: &str, how: &[&str], text: &str) {
        let fd = self.open(shell, path, how);
        self.put_aside(shell, 1);
        self.copy_fd(shell, fd, 1);
        self.close(shell, fd);
        if !text.is_empty() {
            self.write(shell, 1, text);
        }
        self.copy_fd(shell, ASIDE, 1);
        self.close(shell, ASIDE);
    }

    fn put_aside(&mut self, shell: &mut Process, fd: i64) {
        shell.fds.insert(ASIDE, AtExec::Closed);
        let command = flags(symbols::FCNTL_COMMANDS, &["F_DUPFD_CLOEXEC"]) as u8;
        self.emit(shell.pid, sys::FCNTL_X, |b| {
            b.i64(ASIDE).i64(fd).u8(command).u64(ASIDE.cast_unsigned());
        });
    }

    /// Puts a file in place of a descriptor, before a command is run.
    pub(crate) fn redirect(&mut self, child: &mut Process, fd: i64, path: &str, how: &[&str]) {
        let opened = self.open(child, path, how);
        self.copy_fd(child, opened, fd);
        self.close(child, opened);
    }

    /// The shell gets a line to run.
    pub(crate) fn told(&mut self, shell: &Process, line: &str) {
        self.read(shell, 0, format!("{line}\n"));
        self.wait_ms(2);
    }
}

/// The words of a command line; between single quotes blanks do not part them.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (position, part) in line.split('\'').enumerate() {
        if position % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_words_together() {
        assert_eq!(words("sh -c 'id; uname -a'"), ["sh", "-c", "id; uname -a"]);
        assert_eq!(words("touch  -d '' x"), ["touch", "-d", "", "x"]);
    }
}
