//! Maps that lie over each other: an endpoint's own keys over its profile's.

use crate::config::place::Place;
use crate::config::raw::Given;

/// The same kind of map from several places, the one that wins first.
#[derive(Debug)]
pub(crate) struct Layers<'a, T> {
    layers: Vec<(&'a T, Place<'a>)>,
}

/// A value and where it was written.
#[derive(Debug)]
pub(crate) struct Found<'a, V> {
    pub(crate) value: &'a V,
    pub(crate) place: Place<'a>,
}

impl<V> Clone for Found<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Found<'_, V> {}

impl<'a, T> Layers<'a, T> {
    /// These maps, the one that wins first.
    pub(crate) fn new(layers: impl IntoIterator<Item = (&'a T, Place<'a>)>) -> Self {
        let layers = layers.into_iter().collect();
        Self { layers }
    }

    /// The maps, the one that wins first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(&'a T, Place<'a>)> {
        self.layers.iter()
    }

    /// The value of a key in the first map that has it.
    pub(crate) fn find<'s, V: 'a>(
        &'s self,
        key: &'s str,
        get: impl Fn(&'a T) -> &'a Given<V>,
    ) -> Option<Found<'s, V>> {
        self.all(key, get).next()
    }

    /// The values of a key in all maps that have it.
    pub(crate) fn all<'s, V: 'a>(
        &'s self,
        key: &'s str,
        get: impl Fn(&'a T) -> &'a Given<V>,
    ) -> impl Iterator<Item = Found<'s, V>> {
        self.layers.iter().filter_map(move |(map, place)| {
            let value = get(map).get()?;
            let place = place.key(key);
            Some(Found { value, place })
        })
    }

    /// The maps below a key, to be looked through key by key in their turn.
    pub(crate) fn block<'s, V: 'a>(
        &'s self,
        key: &'s str,
        get: impl Fn(&'a T) -> &'a Given<V>,
    ) -> Layers<'s, V> {
        let blocks = self.all(key, get);
        Layers::new(blocks.map(|found| (found.value, found.place)))
    }
}
