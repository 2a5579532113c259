//! Which script an interpreter was given.

/// How the arguments of an interpreter are read.
struct Interpreter {
    /// Names of the program, without a version at the end.
    names: &'static [&'static str],
    /// Letters of options that stand for a script: `-c`, also among others as in `-lc`.
    inline: &'static [u8],
    /// The same as words.
    inline_words: &'static [&'static str],
    /// Options that are followed by a value.
    with_value: &'static [&'static str],
    /// The option that the script's path follows.
    file: Option<&'static str>,
    /// Whether the first argument that is no option is the script.
    first: bool,
}

const PLAIN: Interpreter = Interpreter {
    names: &[],
    inline: b"",
    inline_words: &[],
    with_value: &[],
    file: None,
    first: true,
};

const INTERPRETERS: [Interpreter; 8] = [
    Interpreter {
        names: &["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "rbash"],
        inline: b"cs",
        with_value: &["-o", "+o", "-O", "+O", "--rcfile", "--init-file"],
        ..PLAIN
    },
    Interpreter {
        names: &["python", "pypy"],
        inline: b"cm",
        with_value: &["-W", "-X", "--check-hash-based-pycs"],
        ..PLAIN
    },
    Interpreter { names: &["perl"], inline: b"eE", with_value: &["-I"], ..PLAIN },
    Interpreter { names: &["ruby"], inline: b"e", with_value: &["-r", "-I", "-C"], ..PLAIN },
    Interpreter {
        names: &["node", "nodejs"],
        inline: b"ep",
        inline_words: &["--eval", "--print"],
        with_value: &["-r", "--require", "--import"],
        ..PLAIN
    },
    Interpreter {
        names: &["php"],
        inline: b"rSB",
        with_value: &["-d", "-c", "-z"],
        file: Some("-f"),
        ..PLAIN
    },
    Interpreter { names: &["lua", "luajit", "tclsh"], inline: b"e", with_value: &["-l"], ..PLAIN },
    Interpreter {
        names: &["awk", "gawk", "mawk", "nawk"],
        with_value: &["-v", "-F"],
        file: Some("-f"),
        first: false,
        ..PLAIN
    },
];

/// The script among the arguments of a program, as it was given; `None` if the program is no
/// interpreter, or runs something else.
pub(crate) fn of<'a>(exe: &[u8], argv: &[&'a [u8]]) -> Option<&'a [u8]> {
    let (&own_name, rest) = argv.split_first()?;
    let interpreter = interpreter(exe).or_else(|| interpreter(own_name));
    match interpreter {
        Some(interpreter) => interpreter.script(rest),
        // A program of many names that was called by its own.
        None if base(exe) == b"busybox" => {
            let (&applet, rest) = rest.split_first()?;
            self::interpreter(applet)?.script(rest)
        }
        None => None,
    }
}

/// A path's last part.
pub(crate) fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|&b| b == b'/').next().unwrap_or(path)
}

fn interpreter(program: &[u8]) -> Option<&'static Interpreter> {
    let name = base(program);
    let name = name.strip_prefix(b"-").unwrap_or(name);
    let is_version = |b: &u8| b.is_ascii_digit() || *b == b'.';
    let end = name.iter().rposition(|b| !is_version(b)).map_or(0, |last| last + 1);
    let name = std::str::from_utf8(name.get(..end)?).ok()?;
    INTERPRETERS.iter().find(|i| i.names.contains(&name))
}

impl Interpreter {
    fn script<'a>(&self, args: &[&'a [u8]]) -> Option<&'a [u8]> {
        let mut args = args.iter();
        while let Some(&arg) = args.next() {
            if self.file.is_some_and(|file| file.as_bytes() == arg) {
                return args.next().copied();
            }
            if arg == b"--" {
                return args.next().copied().filter(|_| self.first);
            }
            if arg == b"-" {
                return None;
            }
            if !arg.starts_with(b"-") && !arg.starts_with(b"+") {
                return self.first.then_some(arg);
            }
            if self.is_inline(arg) {
                return None;
            }
            if self.with_value.iter().any(|option| option.as_bytes() == arg) {
                args.next();
            }
        }
        None
    }

    fn is_inline(&self, option: &[u8]) -> bool {
        let word = option.split(|&b| b == b'=').next().unwrap_or(option);
        if word.starts_with(b"--") {
            return self.inline_words.iter().any(|inline| inline.as_bytes() == word);
        }
        let takes_value = self.with_value.iter().any(|o| option.starts_with(o.as_bytes()));
        !takes_value && option.iter().skip(1).any(|letter| self.inline.contains(letter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_told_from_options_and_inline_code() {
        let cases = [
            ("/usr/bin/bash", "bash /tmp/a.sh x", Some("/tmp/a.sh")),
            ("/usr/bin/bash", "bash", None),
            ("/usr/bin/bash", "bash -i", None),
            ("/usr/bin/bash", "-bash -x a.sh", Some("a.sh")),
            ("/usr/bin/dash", "sh -ec id a.sh", None),
            ("/usr/bin/bash", "bash -o pipefail a.sh", Some("a.sh")),
            ("/usr/bin/bash", "bash --rcfile r a.sh", Some("a.sh")),
            ("/usr/bin/bash", "bash -- -a.sh", Some("-a.sh")),
            ("/usr/bin/python3.11", "python3 -m http.server 80", None),
            ("/usr/bin/python3.11", "python3 -W ignore -u x.py a", Some("x.py")),
            ("/usr/bin/python3.11", "python3 -", None),
            ("/usr/bin/python3.11", "python3 -Ic code x.py", None),
            ("/usr/bin/perl", "perl -ne code f", None),
            ("/usr/bin/perl", "perl -w x.pl", Some("x.pl")),
            ("/usr/bin/perl", "perl -Ilib/core x.pl", Some("x.pl")),
            ("/usr/bin/node", "node --eval=1 x.js", None),
            ("/usr/bin/node", "node -r esm x.js", Some("x.js")),
            ("/usr/bin/php8.2", "php -f a.php", Some("a.php")),
            ("/usr/bin/mawk", "awk -F : -f p.awk /etc/passwd", Some("p.awk")),
            ("/usr/bin/mawk", "awk {print} /etc/passwd", None),
            ("/bin/busybox", "sh a.sh", Some("a.sh")),
            ("/bin/busybox", "busybox sh a.sh", Some("a.sh")),
            ("/usr/bin/cat", "cat a.sh", None),
            ("", "ruby3.1 a.rb", Some("a.rb")),
            ("/usr/bin/12", "12", None),
        ];
        for (exe, argv, want) in cases {
            let argv: Vec<&[u8]> = argv.split(' ').map(str::as_bytes).collect();
            assert_eq!(of(exe.as_bytes(), &argv), want.map(str::as_bytes), "{exe} {argv:?}");
        }
        assert_eq!(of(b"/bin/sh", &[]), None);
    }
}
