import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

// Sinks that parse a string as HTML or as code. Nothing that a person wrote may ever reach one, so
// none is used at all, not even for markup of our own.
const sinks = ["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc", "setHTMLUnsafe", "parseHTMLUnsafe"];

export default defineConfig(
  globalIgnores(["dist/", "target/", "node_modules/", "js/types/", "**/fixtures/", "tests/mini/rig/task-promise.js"]),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ["./tsconfig.json", "./tsconfig.node.json"], tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-eval": "error",
      "no-restricted-properties": [
        "error",
        ...sinks.map((property) => ({ property, message: "build nodes; no text is ever parsed as HTML" })),
        { object: "document", property: "write", message: "build nodes; no text is ever parsed as HTML" },
      ],
      "no-restricted-globals": ["error", { name: "DOMParser", message: "no text is ever parsed as HTML" }],
      "no-restricted-imports": [
        "error",
        {
          paths: ["unsafe-html", "unsafe-svg", "unsafe-mathml"].map((name) => ({
            name: `lit/directives/${name}.js`,
            message: "no text is ever parsed as HTML",
          })),
        },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // Only `keyCode` 229 tells, in Safari, that Enter belongs to an input method.
      "@typescript-eslint/no-deprecated": ["error", { allow: [{ from: "lib", name: "keyCode" }] }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    // Tests look at what programs printed and pages hold, which has no types.
    files: ["**/*.test.mjs", "tests/**/*.mjs"],
    rules: {
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: ["test", "it", "describe", "suite"] }] },
      ],
    },
  },
  // Pages as anyone would write them, without a build.
  { files: ["examples/**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
  // A mini-program has CommonJS and nothing else.
  { files: ["examples/mini-program/**/*.js"], rules: { "@typescript-eslint/no-require-imports": "off" } },
  // The compiler, and a page's own globals, are beyond this rule.
  { rules: { "no-undef": "off" } },
  // It does not see JSDoc casts, as of `JSON.parse`; the compiler does.
  { files: ["**/*.mjs"], rules: { "@typescript-eslint/no-unsafe-assignment": "off" } },
  // The compiler finds these.
  { files: ["**/*.ts", "**/*.mjs"], rules: { "@typescript-eslint/no-unused-vars": "off" } },
);
