//! The names that an enumerated key accepts, read off its `serde` derive.

use serde::{
    de::{DeserializeOwned, Error as _, Visitor, value::Error},
    forward_to_deserialize_any,
};

/// The names under which the variants of `T` are written, in their order of declaration.
///
/// `T` is an enum without data that derives `Deserialize`; for any other type the list is empty.
/// Argument parsers and messages take the names from here, so that they cannot disagree with the
/// files.
pub fn choices<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // The probe always ends in an error: only the names that it saw on the way matter.
    let _ = T::deserialize(Probe { names: &mut names });
    names
}

/// The name under which files write one value of an enumeration without data.
pub(crate) fn choice_name<T: serde::Serialize>(value: &T) -> String {
    let name = serde_json::to_value(value).ok();
    name.as_ref()
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// A deserializer that holds no data and notes which variants it is asked for.
struct Probe<'a> {
    names: &'a mut &'static [&'static str],
}

impl<'de> serde::Deserializer<'de> for Probe<'_> {
    type Error = Error;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Error> {
        *self.names = variants;
        Err(Error::custom("a probe has no value"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("a probe has no value"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use analog_substrate::SolverKind;

    #[test]
    fn names_are_those_that_files_use() {
        assert_eq!(choices::<SolverKind>(), ["explicit", "block", "anderson"]);
        for name in choices::<SolverKind>() {
            assert!(toml::Value::from(*name).try_into::<SolverKind>().is_ok());
        }
    }

    #[test]
    fn other_types_have_none() {
        assert!(choices::<f64>().is_empty());
    }
}
