//! The compiled form as text: what is decided by the type, what is asked first, what is run.

use std::fmt;

use event::syscalls::ASYNCEVENT_E;

use super::{
    Class, Engine,
    code::{Goto, What},
    files::FileStep,
    narrow::Step,
    pool::NodeId,
};

/// Most event types that are listed by name.
const MOST_NAMES: usize = 12;

/// One rule of an engine, for printing: what is left of it for each class of event types.
pub struct Compiled<'e> {
    engine: &'e Engine,
    rule: Option<usize>,
}

impl Engine {
    /// The compiled form of one rule, by its place.
    pub fn compiled(&self, rule: usize) -> Compiled<'_> {
        Compiled { engine: self, rule: Some(rule) }
    }

    /// Classes in the order in which they are printed: that of notices alone, whose names nobody
    /// knows in advance, says the least and comes last.
    fn in_order(&self) -> Vec<usize> {
        let notices = self.types.classes(ASYNCEVENT_E).next();
        let is_of_notices =
            |class: usize| notices == Some(class) && self.types.names(class).len() == 1;
        let mut order: Vec<usize> = (0..self.classes.len()).collect();
        order.sort_by_key(|&class| is_of_notices(class));
        order
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Compiled { engine: self, rule: None }.fmt(f)
    }
}

impl fmt::Display for Compiled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut blocks = Vec::new();
        for number in self.engine.in_order() {
            let class = &self.engine.classes[number];
            let wanted =
                class.rules.iter().filter(|left| self.rule.is_none_or(|rule| rule == left.rule));
            let mut wanted = wanted.peekable();
            if wanted.peek().is_none() {
                continue;
            }
            self.on(f, number)?;
            if self.rule.is_none() {
                self.steps(f, class, &mut blocks)?;
            }
            for left in wanted {
                match self.rule {
                    None => writeln!(f, "  rule '{}':", self.name(left.rule))?,
                    Some(_) => writeln!(f, "  the rule:")?,
                }
                self.code(f, left.start, &mut blocks)?;
            }
        }
        let mut done = 0;
        while let Some(&block) = blocks.get(done) {
            done += 1;
            writeln!(f, "shared {}:", block.0)?;
            self.code(f, self.engine.code.start(block), &mut blocks)?;
        }
        Ok(())
    }
}

impl Compiled<'_> {
    fn on(&self, f: &mut fmt::Formatter<'_>, class: usize) -> fmt::Result {
        let types = self.engine.types.names(class);
        let named = types.get(..MOST_NAMES).unwrap_or(&types).join(", ");
        match types.len().saturating_sub(MOST_NAMES) {
            0 => writeln!(f, "on {named}:"),
            more => writeln!(f, "on {named} and {more} more:"),
        }
    }

    fn name(&self, rule: usize) -> &str {
        self.engine.names.get(rule).map_or("", |name| name)
    }

    fn steps(
        &self,
        f: &mut fmt::Formatter<'_>,
        class: &Class,
        blocks: &mut Vec<NodeId>,
    ) -> fmt::Result {
        let names = |rules: &[u32]| {
            let rules = rules.iter().filter_map(|&rule| class.rules.get(rule as usize));
            let names: Vec<_> = rules.map(|left| format!("'{}'", self.name(left.rule))).collect();
            names.join(", ")
        };
        for (at, step) in class.steps.iter().enumerate() {
            match step {
                Step::Try(rules) => writeln!(f, "  {at}: try {}", names(rules))?,
                Step::Gate { node, otherwise } => {
                    let asked = self.asked(*node, blocks);
                    writeln!(f, "  {at}: unless {asked} go to {otherwise}")?;
                }
                Step::Look(index) => writeln!(f, "  {at}: look up {}", self.index(*index))?,
                Step::File(FileStep { looks, rest, .. }) => {
                    let looks = looks.iter().map(|&index| format!("look up {}", self.index(index)));
                    let rest = (!rest.is_empty()).then(|| format!("try {}", names(rest)));
                    let all: Vec<_> = looks.chain(rest).collect();
                    writeln!(f, "  {at}: by the names of the file, {}", all.join(", "))?;
                }
            }
        }
        Ok(())
    }

    /// What an index looks up, and among how many keys.
    fn index(&self, index: u32) -> String {
        let Some(index) = self.engine.indexes.get(index as usize) else { return String::new() };
        let value = self.engine.tests.get(index.test as usize).map_or("", |tested| &tested.left);
        format!("{value} among {} keys", index.keys())
    }

    /// A node in one line: its test, or the name of the block.
    fn asked(&self, id: NodeId, blocks: &mut Vec<NodeId>) -> String {
        if let Goto::Op(at) = self.engine.code.start(id)
            && let Some(op) = self.engine.code.ops.get(at as usize)
            && let What::Test(test) = op.what
            && (op.pass, op.fail) == (Goto::Accept, Goto::Reject)
        {
            return self.test(test).to_owned();
        }
        if !blocks.contains(&id) {
            blocks.push(id);
        }
        format!("shared {}", id.0)
    }

    fn test(&self, test: u32) -> &str {
        self.engine.tests.get(test as usize).map_or("", |tested| &tested.text)
    }

    /// Operations from `start` to the last that can be reached from there.
    fn code(
        &self,
        f: &mut fmt::Formatter<'_>,
        start: Goto,
        blocks: &mut Vec<NodeId>,
    ) -> fmt::Result {
        let Goto::Op(first) = start else {
            return writeln!(f, "    {}", if start == Goto::Accept { "accept" } else { "reject" });
        };
        let mut last = first;
        let mut at = first;
        while at <= last {
            let Some(op) = self.engine.code.ops.get(at as usize) else { break };
            for goto in [op.pass, op.fail] {
                if let Goto::Op(target) = goto {
                    last = last.max(target);
                }
            }
            let asked = match op.what {
                What::Test(test) => self.test(test).to_owned(),
                What::Block(id) => self.asked(id, blocks),
            };
            let to = |goto| match goto {
                Goto::Accept => "accept".to_owned(),
                Goto::Reject => "reject".to_owned(),
                Goto::Op(target) => (target - first).to_string(),
            };
            let (pass, fail) = (to(op.pass), to(op.fail));
            writeln!(f, "    {}: {asked}  pass {pass}  fail {fail}", at - first)?;
            at += 1;
        }
        Ok(())
    }
}
