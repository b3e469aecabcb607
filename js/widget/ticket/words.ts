import { wordsOf } from "../texts.js";
import en from "./locales/en.json";
import zh from "./locales/zh-CN.json";

/** The words of what is in this chunk. */
export const words = wordsOf({ en, "zh-CN": zh });
