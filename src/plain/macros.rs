//! The line that makes a type plain data.

/// Makes types [`Readable`] and [`Writable`], and through them `Serialize` and `Deserialize`.
///
/// `struct Name { required, fields; optional, ones }` omits what is null; `view Name { fields }` keeps
/// it; `enum Name { Unit, Newtype(_), Struct { fields } }` is externally tagged.
#[macro_export]
macro_rules! plain {
    (struct $name:ident { $($field:ident),* $(,)? $(; $($optional:ident),+ $(,)?)? }) => {
        $crate::plain!(@record false, $name { $($field),* } { $($($optional),+)? });
        $crate::plain!(@serde $name);
    };
    (view $name:ident { $($field:ident),* $(,)? }) => {
        $crate::plain!(@record true, $name { $($field),* } {});
        $crate::plain!(@serde $name);
    };
    (@record $nulls:literal, $name:ident { $($field:ident),* } { $($optional:ident),* }) => {
        impl $crate::plain::Readable for $name {
            fn blank() -> Self {
                Self {
                    $($field: $crate::plain::Readable::blank(),)*
                    $($optional: $crate::plain::Readable::blank(),)*
                }
            }

            fn fill(&mut self, value: &$crate::plain::Value) -> Result<(), $crate::plain::Misfit> {
                const REQUIRED: &[&str] = &[$(stringify!($field)),*];
                value.fill_fields(
                    &[$(stringify!($field),)* $(stringify!($optional),)*],
                    REQUIRED.len(),
                    &mut [$(&mut self.$field,)* $(&mut self.$optional,)*],
                )
            }
        }

        impl $crate::plain::Writable for $name {
            fn write(&self) -> $crate::plain::Value {
                $crate::plain::Value::map(
                    $nulls,
                    &[$(stringify!($field),)* $(stringify!($optional),)*],
                    &[$(&self.$field,)* $(&self.$optional,)*],
                )
            }
        }
    };
    (enum $name:ident { $($variant:ident $(($inner:ident))? $({ $($field:ident),* })?),* $(,)? }) => {
        impl $crate::plain::Readable for $name {
            $crate::plain!(@blank $($variant $(($inner))? $({ $($field),* })?),*);

            fn fill(&mut self, value: &$crate::plain::Value) -> Result<(), $crate::plain::Misfit> {
                let Some((_found, _content)) = value.variant_of(&[$(stringify!($variant)),*]) else {
                    return Err($crate::plain::Misfit(stringify!($name)));
                };
                let _at = 0;
                $($crate::plain!(@fill self, _at, _found, _content, $variant $(($inner))? $({ $($field),* })?);
                let _at = _at + 1;)*
                Err($crate::plain::Misfit(stringify!($name)))
            }
        }

        impl $crate::plain::Writable for $name {
            fn write(&self) -> $crate::plain::Value {
                match self {
                    $(Self::$variant $(($inner))? $({ $($field),* })? => {
                        $crate::plain!(@write $variant $(($inner))? $({ $($field),* })?)
                    })*
                }
            }
        }
        $crate::plain!(@serde $name);
    };
    (@blank $variant:ident $(($inner:ident))? $({ $($field:ident),* })? $(, $($others:tt)*)?) => {
        fn blank() -> Self {
            $crate::plain!(@made $variant $(($inner))? $({ $($field),* })?)
        }
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
    (@fill $self:ident, $at:ident, $found:ident, $content:ident, $variant:ident) => {
        if $found == $at && $content.is_none() {
            *$self = Self::$variant;
            return Ok(());
        }
    };
    (@fill $self:ident, $at:ident, $found:ident, $content:ident, $variant:ident ($inner:ident)) => {
        if let (true, Some(content)) = ($found == $at, $content) {
            *$self = $crate::plain!(@made $variant ($inner));
            if let Self::$variant($inner) = $self {
                return $crate::plain::Readable::fill($inner, content);
            }
        }
    };
    (@fill $self:ident, $at:ident, $found:ident, $content:ident, $variant:ident { $($field:ident),* }) => {
        if let (true, Some(content)) = ($found == $at, $content) {
            *$self = $crate::plain!(@made $variant { $($field),* });
            if let Self::$variant { $($field),* } = $self {
                const NAMES: &[&str] = &[$(stringify!($field)),*];
                return content.fill_fields(NAMES, NAMES.len(), &mut [$($field),*]);
            }
        }
    };
    (@write $variant:ident) => {
        $crate::plain::Value::unit(stringify!($variant))
    };
    (@write $variant:ident ($inner:ident)) => {
        $crate::plain::Value::variant(stringify!($variant), $crate::plain::Writable::write($inner))
    };
    (@write $variant:ident { $($field:ident),* }) => {
        $crate::plain::Value::variant(
            stringify!($variant),
            $crate::plain::Value::map(true, &[$(stringify!($field)),*], &[$($field),*]),
        )
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
