//! Which file of `js/types` declares a type to TypeScript: written there by `npm run types`, from the
//! builds with the feature `typescript`; in any other these are nothing.
//!
//! `_optional`: a field that may be missing may be left out (elsewhere it is there, as `null`).
//! `_variants`: an enum whose variants have named fields.

macro_rules_attribute::attribute_alias! {
    #[apply(protocol_ts!)] = #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, export_to = "protocol.ts", rename_all = "camelCase"))];
    #[apply(protocol_ts_optional!)] = #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, export_to = "protocol.ts", rename_all = "camelCase", optional_fields))];
    #[apply(client_ts!)] = #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, export_to = "client.ts", rename_all = "camelCase"))];
    #[apply(client_ts_optional!)] = #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, export_to = "client.ts", rename_all = "camelCase", optional_fields))];
    #[apply(client_ts_variants!)] = #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, export_to = "client.ts", rename_all = "camelCase", rename_all_fields = "camelCase"))];
    #[apply(faq_ts!)] = #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, export_to = "faq.ts", rename_all = "camelCase"))];
    #[apply(richtext_ts!)] = #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, export_to = "richtext.ts", rename_all = "camelCase"))];
    #[apply(richtext_ts_variants!)] = #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, export_to = "richtext.ts", rename_all = "camelCase", rename_all_fields = "camelCase"))];
    #[apply(view_ts!)] = #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, export_to = "view.ts", rename_all = "camelCase"))];
    #[apply(view_ts_variants!)] = #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, export_to = "view.ts", rename_all = "camelCase", rename_all_fields = "camelCase"))];
}
