//! The line that makes a type plain data.

/// Makes types [`Readable`] and [`Writable`], and through them `Serialize` and `Deserialize`.
///
/// `struct Name { required, fields; optional, ones }` omits what is null; `view Name { fields }` keeps
/// it; `enum Name { Unit, Newtype(_), Struct { fields } }` is externally tagged. `Newtype(_ | Other)` is read
/// under either name, and written under the other one where its `has_other_name`.
#[macro_export]
macro_rules! plain {
    (struct $name:ident { $($field:ident),* $(,)? $(; $($optional:ident),+ $(,)?)? }) => {
        $crate::plain!(@record record, $name { $($field),* } { $($($optional),+)? });
        $crate::plain!(@serde $name);
    };
    (view $name:ident { $($field:ident),* $(,)? }) => {
        $crate::plain!(@record view, $name { $($field),* } {});
        $crate::plain!(@serde $name);
    };
    (@record $way:ident, $name:ident { $($field:ident),* } { $($optional:ident),* }) => {
        impl $name {
            const FIELDS: $crate::plain::Names =
                concat!($(stringify!($field), " ",)* $(stringify!($optional), "?",)*);
        }

        impl $crate::plain::Readable for $name {
            fn blank() -> Self {
                Self {
                    $($field: $crate::plain::Readable::blank(),)*
                    $($optional: $crate::plain::Readable::blank(),)*
                }
            }

            fn take(&mut self, from: &mut $crate::plain::Reading) {
                from.record(Self::FIELDS)$(.field(&mut self.$field))*$(.field(&mut self.$optional))*;
            }
        }

        impl $crate::plain::Writable for $name {
            fn give(&self, to: &mut $crate::plain::Writing) {
                to.$way(Self::FIELDS)$(.field(&self.$field))*$(.field(&self.$optional))*;
            }
        }
    };
    (enum $name:ident {
        $($variant:ident $(($inner:ident $(| $other:ident)?))? $({ $($field:ident),* })?),* $(,)?
    }) => {
        impl $name {
            const VARIANTS: $crate::plain::Names = concat!(
                $(stringify!($variant), $crate::plain!(@mark $(($inner))? $({ $($field),* })?),
                $($(stringify!($other), "=",)?)?)*
            );

            #[inline(never)]
            fn blank_variant(_index: usize) -> Self {
                let _at = 0;
                $(if _index == _at $($(|| _index == _at + $crate::plain!(@one $other))?)? {
                    return $crate::plain!(@made $variant $(($inner))? $({ $($field),* })?);
                }
                let _at = _at + 1 $($(+ $crate::plain!(@one $other))?)?;)*
                unreachable!("a variant has one of the numbers that its names have")
            }
        }

        impl $crate::plain::Readable for $name {
            fn blank() -> Self {
                Self::blank_variant(0)
            }

            fn take(&mut self, from: &mut $crate::plain::Reading) {
                let Some(found) = from.variant(Self::VARIANTS, stringify!($name)) else {
                    return;
                };
                *self = Self::blank_variant(found);
                match self {
                    $(Self::$variant $(($inner))? $({ $($field),* })? => {
                        $($crate::plain::Readable::take($inner, from);)?
                        $(from.record(concat!($(stringify!($field), " "),*))$(.field($field))*;)?
                    })*
                }
            }
        }

        impl $crate::plain::Writable for $name {
            fn give(&self, to: &mut $crate::plain::Writing) {
                let _at = 0;
                $(if let Self::$variant $(($inner))? $({ $($field),* })? = self {
                    $($(let _at = $crate::plain!(@named $other $inner _at);)?)?
                    to.variant(Self::VARIANTS, _at)
                        $(.content($inner))?
                        $(.view(concat!($(stringify!($field), " "),*))$(.field($field))*)?;
                    return;
                }
                let _at = _at + 1 $($(+ $crate::plain!(@one $other))?)?;)*
            }
        }
        $crate::plain!(@serde $name);
    };
    (@named $other:ident $inner:ident $at:ident) => {
        $at + usize::from($inner.has_other_name())
    };
    (@one $other:ident) => {
        1
    };
    (@mark) => {
        " "
    };
    (@mark $($content:tt)+) => {
        "="
    };
    (@made $variant:ident) => {
        Self::$variant
    };
    (@made $variant:ident ($inner:ident)) => {
        Self::$variant($crate::plain::Readable::blank())
    };
    (@made $variant:ident { $($field:ident),* }) => {
        Self::$variant { $($field: $crate::plain::Readable::blank()),* }
    };
    (@serde $name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&$crate::plain::Writable::write(self), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <$crate::plain::Value as serde::Deserialize>::deserialize(deserializer)?;
                $crate::plain::Readable::read(&value).map_err(serde::de::Error::custom)
            }
        }
    };
}
