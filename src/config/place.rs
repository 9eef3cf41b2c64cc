//! Where in the configuration a value stands: a path of keys and indices below a file.

/// One of the files that make up a configuration, in the order in which they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileId(pub(crate) usize);

impl FileId {
    /// The main file.
    pub(crate) const MAIN: Self = Self(0);
}

/// One step down from a map or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// To the value of a key.
    Key(&'a str),
    /// To an element.
    Index(usize),
}

/// A path that lives on the stack: a good configuration never writes one down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    file: FileId,
    last: Option<(&'a Place<'a>, Way<'a>)>,
}

/// One step, or two at once: so that a place two maps down can outlive the one between.
#[derive(Clone, Copy, Debug)]
enum Way<'a> {
    One(Step<'a>),
    Two(&'a str, &'a str),
}

impl<'a> Place<'a> {
    /// The whole of a file.
    pub(crate) fn root(file: FileId) -> Self {
        Self { file, last: None }
    }

    /// The value of a key.
    pub(crate) fn key(&'a self, key: &'a str) -> Self {
        self.go(Way::One(Step::Key(key)))
    }

    /// The value of a key of the map below a key.
    pub(crate) fn below(&'a self, map: &'a str, key: &'a str) -> Self {
        self.go(Way::Two(map, key))
    }

    /// An element.
    pub(crate) fn index(&'a self, index: usize) -> Self {
        self.go(Way::One(Step::Index(index)))
    }

    fn go(&'a self, way: Way<'a>) -> Self {
        Self {
            file: self.file,
            last: Some((self, way)),
        }
    }

    /// The file.
    pub(crate) fn file(&self) -> FileId {
        self.file
    }

    /// The path written down.
    pub(crate) fn path(&self) -> Path {
        let mut steps = Vec::new();
        let mut here = self;
        while let Some((up, way)) = here.last {
            match way {
                Way::One(Step::Key(key)) => steps.push(OwnedStep::Key(key.to_owned())),
                Way::One(Step::Index(index)) => steps.push(OwnedStep::Index(index)),
                Way::Two(map, key) => {
                    steps.extend([key, map].map(|key| OwnedStep::Key(key.to_owned())));
                }
            }
            here = up;
        }
        steps.reverse();
        Path {
            file: self.file,
            steps,
        }
    }
}

/// A path that was written down, because something is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) file: FileId,
    steps: Vec<OwnedStep>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum OwnedStep {
    Key(String),
    Index(usize),
}

impl Path {
    /// The steps from the file's root.
    pub(crate) fn steps(&self) -> Vec<Step<'_>> {
        self.steps.iter().map(OwnedStep::borrow).collect()
    }
}

impl OwnedStep {
    fn borrow(&self) -> Step<'_> {
        match self {
            Self::Key(key) => Step::Key(key),
            Self::Index(index) => Step::Index(*index),
        }
    }
}
