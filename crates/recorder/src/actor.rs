//! The process that caused an alert.

use state::{Container, Context, State, Text, Thread, User, strings};

/// Most bytes of a command line that are kept.
const COMMAND_BYTES: usize = 1024;

/// Most bytes of a name or path that are kept.
const NAME_BYTES: usize = 256;

/// The process that caused an alert, as it was then. Everything is as recorded, not safe to print.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// Process id; -1 if unknown.
    pub pid: i64,
    /// Thread id.
    pub tid: i64,
    /// When the process was cloned, ns since 1970; 0 if that was before the recording.
    pub start_ns: u64,
    /// Parent's process id; -1 if unknown.
    pub parent_pid: i64,
    /// Parent's name.
    pub parent_comm: Text,
    /// Id of the session; 0 if unknown.
    pub session: i64,
    /// Name.
    pub comm: Text,
    /// Path of the executable.
    pub exe: Text,
    /// First argument and the others, a blank before each, cut to a kilobyte.
    pub command: Text,
    /// User id; all ones if unknown.
    pub uid: u32,
    /// The user's name; empty if unknown.
    pub user: Text,
    /// Id of the user who logged in; all ones if none did.
    pub login_uid: u32,
    /// That user's name; empty if unknown.
    pub login_user: Text,
    /// Short id of the container; empty for the host.
    pub container_id: Text,
    /// The container's name; empty for the host and if unknown.
    pub container_name: Text,
    /// The container's image; empty for the host and if unknown.
    pub container_image: Text,
}

impl Actor {
    /// Who caused the event.
    pub(crate) fn of(context: &Context<'_>) -> Self {
        let nobody = || Self {
            pid: -1,
            tid: context.event.tid,
            parent_pid: -1,
            uid: u32::MAX,
            login_uid: u32::MAX,
            ..Self::default()
        };
        context.thread.map_or_else(nobody, |thread| Self::of_thread(context.state, thread))
    }

    fn of_thread(state: &State, thread: &Thread) -> Self {
        let main = state.main_thread(thread).unwrap_or(thread);
        let parent = state.ancestor(thread, 1);
        let container = state.container(&thread.container_id);
        let container = container.filter(|_| !thread.container_id.is_empty());
        let name = |uid| state.user(&thread.container_id, uid).map(|user: &User| cut(&user.name));
        Self {
            pid: thread.pid,
            tid: thread.tid,
            start_ns: main.clone_ts_ns,
            parent_pid: parent.map_or(-1, |parent| parent.pid),
            parent_comm: parent.map(|parent| cut(&parent.comm)).unwrap_or_default(),
            session: thread.sid.max(0),
            comm: cut(&thread.comm),
            exe: cut(&thread.exepath),
            command: command(thread),
            uid: thread.uid,
            user: name(thread.uid).unwrap_or_default(),
            login_uid: thread.loginuid,
            login_user: name(thread.loginuid).unwrap_or_default(),
            container_id: cut(&thread.container_id),
            container_name: container.map(|c| cut(&c.name)).unwrap_or_default(),
            container_image: container.map(|c| cut(&c.image)).unwrap_or_default(),
        }
    }

    /// Takes in what is known of its container now, where it knew nothing.
    pub(crate) fn learn(&mut self, container: &Container) {
        let known = [
            (&mut self.container_name, &container.name),
            (&mut self.container_image, &container.image),
        ];
        for (text, told) in known.into_iter().filter(|(text, _)| text.is_empty()) {
            *text = cut(told);
        }
    }

    /// About how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let texts = [&self.parent_comm, &self.comm, &self.exe, &self.command, &self.user];
        let others = [&self.login_user, &self.container_id, &self.container_name];
        let texts = texts.into_iter().chain(others).chain([&self.container_image]);
        size_of::<Self>() + texts.map(|text| text.len()).sum::<usize>()
    }
}

fn cut(text: &Text) -> Text {
    text.get(..NAME_BYTES).map_or_else(|| text.clone(), Text::from)
}

fn command(thread: &Thread) -> Text {
    let mut command = thread.exe.get(..COMMAND_BYTES).unwrap_or(&thread.exe).to_vec();
    for argument in strings(&thread.args) {
        if command.len() >= COMMAND_BYTES {
            break;
        }
        command.push(b' ');
        command.extend_from_slice(argument.get(..COMMAND_BYTES).unwrap_or(argument));
    }
    command.truncate(COMMAND_BYTES);
    command.into()
}
