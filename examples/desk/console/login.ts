// Signing in, and saying plainly why it did not work.

import type { LoggedIn, Login } from "../../../js/types/protocol.js";
import { el, setHidden, setText } from "./dom.js";
import type { I18n } from "./i18n.js";
import { icon } from "./icons.js";

export interface LoginHost {
  email: string;
  expired: boolean;
  onLoggedIn(loggedIn: LoggedIn, email: string): void;
}

type Outcome =
  | { loggedIn: LoggedIn }
  | { problem: "wrong" | "unreachable" }
  | { problem: "tooMany"; retryAt: number }
  | { problem: "failed"; code: string };

const RETRY_MS_DEFAULT = 60_000;
const REQUEST_MS_MAX = 15_000;

async function logIn(login: Login): Promise<Outcome> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), REQUEST_MS_MAX);
  try {
    const response = await fetch("../v1/agent/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(login),
      signal: abort.signal,
      credentials: "omit",
    });
    const answer = (await response.json().catch(() => null)) as Record<string, unknown> | null;
    if (response.status === 401) return { problem: "wrong" };
    if (response.status === 429) return { problem: "tooMany", retryAt: Date.now() + retryAfterMs(response, answer) };
    if (response.ok && typeof answer?.["token"] === "string") return { loggedIn: answer as unknown as LoggedIn };
    const code = answer?.["code"];
    return { problem: "failed", code: typeof code === "string" ? code : String(response.status) };
  } catch {
    return { problem: "unreachable" };
  } finally {
    clearTimeout(timer);
  }
}

/** The token ends at the desk too; where the desk cannot be reached it ends by itself. */
export async function logOut(token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  await fetch("../v1/agent/logout", { method: "POST", headers, credentials: "omit", keepalive: true }).catch(() => undefined);
}

function retryAfterMs(response: Response, answer: Record<string, unknown> | null): number {
  const inBody = answer?.["retryAfterMs"];
  if (typeof inBody === "number" && inBody > 0) return inBody;
  const seconds = Number(response.headers.get("retry-after"));
  return seconds > 0 ? seconds * 1_000 : RETRY_MS_DEFAULT;
}

export function loginView(i18n: I18n, host: LoginHost): HTMLElement {
  const { t } = i18n;
  const email = el("input", {
    id: "email", name: "email", type: "email", autocomplete: "username", inputmode: "email",
    autocapitalize: "none", spellcheck: "false", required: true, class: "input",
  });
  email.value = host.email;
  const password = el("input", {
    id: "password", name: "password", type: "password", autocomplete: "current-password", required: true, class: "input",
  });
  const reveal = el("button", { type: "button", class: "reveal", "aria-pressed": "false" }, t("login.showPassword"));
  reveal.addEventListener("click", () => {
    const isShown = password.type === "text";
    password.type = isShown ? "password" : "text";
    reveal.setAttribute("aria-pressed", String(!isShown));
    setText(reveal, t(isShown ? "login.showPassword" : "login.hidePassword"));
  });
  const submit = el("button", { type: "submit", class: "button is-primary is-wide" }, t("login.submit"));
  const problem = el("p", { class: "login-problem", role: "alert", hidden: true });
  const notice = host.expired ? el("p", { class: "login-notice" }, icon("info"), el("span", {}, t("login.expired"))) : null;

  let countdown: ReturnType<typeof setInterval> | undefined;
  const say = (text: string) => {
    setHidden(problem, text === "");
    if (text !== "") problem.replaceChildren(icon("warn"), el("span", {}, text));
  };
  const waitUntil = (retryAt: number) => {
    submit.disabled = true;
    const tick = () => {
      const leftMs = retryAt - Date.now();
      if (leftMs > 0 && submit.isConnected) {
        say(t("login.tooMany", { time: i18n.formatCountdown(leftMs) }));
        return;
      }
      clearInterval(countdown);
      submit.disabled = false;
      say("");
    };
    countdown = setInterval(tick, 1_000);
    tick();
  };

  const send = async () => {
    const login: Login = { email: email.value.trim(), password: password.value };
    const missing = login.email === "" ? email : login.password === "" ? password : null;
    if (missing !== null) {
      missing.focus();
      say(t("login.missing"));
      return;
    }
    submit.disabled = true;
    setText(submit, t("login.submitting"));
    const outcome = await logIn(login);
    submit.disabled = false;
    setText(submit, t("login.submit"));
    if ("loggedIn" in outcome) {
      host.onLoggedIn(outcome.loggedIn, login.email);
      return;
    }
    switch (outcome.problem) {
      case "wrong":
        say(t("login.wrong"));
        password.select();
        break;
      case "tooMany":
        waitUntil(outcome.retryAt);
        break;
      case "failed":
        say(t("login.failed", { code: outcome.code }));
        break;
      case "unreachable":
        say(t("login.unreachable"));
    }
  };

  const form = el(
    "form",
    { class: "login-form", novalidate: true },
    notice,
    el("div", { class: "field" }, el("label", { for: "email" }, t("login.email")), email),
    el(
      "div",
      { class: "field" },
      el("div", { class: "field-top" }, el("label", { for: "password" }, t("login.password")), reveal),
      password,
    ),
    problem,
    submit,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!submit.disabled) void send();
  });

  return el(
    "main",
    { class: "login" },
    el(
      "div",
      { class: "login-card" },
      el(
        "header",
        { class: "login-header" },
        el("span", { class: "brand-mark" }, icon("chat")),
        el("h1", {}, t("login.title")),
        el("p", {}, t("login.subtitle")),
      ),
      form,
    ),
  );
}
