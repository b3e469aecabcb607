// Where the agent writes: replies with files, notes for colleagues, edits. A draft per conversation, and no
// Enter that sends half a word.

import type { Attachment, InboxItem } from "../../../js/types/protocol.js";
import { ACCEPTED, kept, refusal } from "./attach.js";
import type { View } from "./banner.js";
import { cannedMenu } from "./canned-menu.js";
import { el, KeyedList, setAttribute, setHidden, setText, type Child } from "./dom.js";
import * as fileStore from "./file-store.js";
import { filled, type I18n, type Key } from "./i18n.js";
import { icon, type IconName } from "./icons.js";
import { nameOf } from "./people.js";
import type { Workspace } from "./workspace.js";

const HEIGHT_PX_MAX = 220;
const FILES_MAX = 10;

export interface Composer extends View {
  focus(): void;
  insert(text: string, isNote: boolean): void;
  /** Says a message of the agent's otherwise. */
  edit(seq: number, text: string): void;
  attach(files: Iterable<File>): void;
}

/** Whether the key belongs to an input method that is still composing a word. */
export function isComposing(event: KeyboardEvent): boolean {
  // Safari ends the composition before the Enter that confirms it: only the old code tells.
  return event.isComposing || event.keyCode === 229;
}

export interface ComposerHost {
  /** The agent's newest message that can be edited. */
  lastOwn(): { seq: number; text: string } | undefined;
}

export function composer(i18n: I18n, workspace: Workspace, host: ComposerHost): Composer {
  const { t } = i18n;
  const field = el("textarea", {
    class: "composer-field", id: "composer", rows: 1, dir: "auto", enterkeyhint: "send",
    "aria-label": t("composer.label"), "aria-controls": "canned", "aria-autocomplete": "list",
  });
  const sendText = el("span");
  const send = el("button", { type: "submit", class: "button is-primary send" }, sendText, icon("send"));
  const tool = (label: Key, symbol: IconName, more: Record<string, string> = {}) =>
    el("button", { type: "button", class: "icon-button", "aria-label": t(label), title: t(label), ...more }, icon(symbol));
  const clip = tool("composer.attach", "clip");
  const slash = tool("composer.canned", "slash");
  const note = tool("composer.note", "note", { "aria-keyshortcuts": "Alt+N" });
  const picker = el("input", { type: "file", multiple: true, accept: ACCEPTED, hidden: true, "aria-label": t("composer.attach") });
  const hints = el(
    "p",
    { class: "composer-hints" },
    ...hint(t("composer.hintSend"), { enter: t("key.enter") }),
    " · ",
    ...hint(t("composer.hintBreak"), { shift: t("key.shift"), enter: t("key.enter") }),
    " · ",
    ...hint(t("composer.hintCanned"), { slash: "/" }),
  );
  const mode = el("p", { class: "composer-mode", hidden: true });
  const modeText = el("span");
  const cancel = el("button", { type: "button", class: "link-button" }, t("composer.cancel"));
  mode.append(modeText, cancel);
  const chips = el("ul", { class: "chips", role: "list", "aria-label": t("composer.files") });
  const chipList = new KeyedList<Attachment>(chips, ({ uploadId }) => uploadId, (file) => chip(file));
  const refused = el("p", { class: "composer-refused", role: "alert", hidden: true });
  const box = el("div", { class: "composer-box" }, mode, chips, field, el("div", { class: "composer-bar" }, clip, slash, note, hints, send));
  const closed = el("p", { class: "composer-closed", hidden: true }, icon("info"), t("composer.closed"));
  const menu = cannedMenu(i18n, { field, personal: (text) => personal(text), choose: (text) => {
    write(text);
    focusEnd();
  } });
  const form = el("form", { class: "composer" }, menu.node, refused, box, closed, picker);

  let conv: string | null = null;
  let item: InboxItem | undefined;
  let shown = "";

  const writing = () => (conv === null ? undefined : workspace.writing(conv));
  const isEmpty = () => field.value.trim() === "" && (writing()?.edit !== undefined || writing()?.isNote === true || writing()?.files.length === 0);
  const resize = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, HEIGHT_PX_MAX)}px`;
    field.classList.toggle("is-full", field.scrollHeight > HEIGHT_PX_MAX);
    send.disabled = isEmpty();
  };
  /** What is typed belongs to the edit while there is one. */
  const keep = (text: string) => {
    if (conv === null) return;
    const { edit } = workspace.writing(conv);
    workspace.write(conv, edit === undefined ? { text } : { edit: { ...edit, text } });
  };
  const write = (text: string) => {
    field.value = text;
    keep(text);
    resize();
  };
  const focusEnd = () => {
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  };
  const refuse = (why: string) => {
    setText(refused, why);
    setHidden(refused, why === "");
  };

  const personal = (text: string) => {
    const visitor = item?.visitor.name.trim() ?? "";
    const named = filled(text, { visitor, agent: nameOf(i18n, workspace.agent) });
    // Without a name the space and the comma around it go too.
    if (visitor !== "") return named;
    return named.replace(/^[\s,，]+/u, "").replace(/\s+([,，.!。！])/gu, "$1").replace(/[,，]\s*([.!。！])/gu, "$1");
  };

  // ---- files

  const chip = (file: Attachment) => {
    const remove = el("button", { type: "button", class: "chip-remove", "aria-label": t("composer.remove", { name: file.name }) }, icon("close"));
    remove.addEventListener("click", () => {
      const now = writing();
      if (conv === null || now === undefined) return;
      void fileStore.forget(file.uploadId);
      workspace.write(conv, { files: now.files.filter(({ uploadId }) => uploadId !== file.uploadId) });
      field.focus();
    });
    const node = el("li", { class: "chip" }, icon("file"), el("span", { class: "chip-name", dir: "auto" }, file.name), el("span", { class: "chip-size" }, i18n.formatBytes(file.size)), remove);
    return { node, update: () => undefined };
  };
  const attach = async (files: Iterable<File>) => {
    const to = conv;
    if (to === null || item?.state === "closed") return;
    const troubles: string[] = [];
    for (const file of files) {
      const why = refusal(i18n, file, workspace.state.limits);
      const room = FILES_MAX - workspace.writing(to).files.length;
      if (why !== undefined || room <= 0) {
        troubles.push(why ?? t("attach.tooMany", { count: FILES_MAX }));
        continue;
      }
      try {
        const attachment = await kept(file);
        workspace.write(to, { files: [...workspace.writing(to).files, attachment], isNote: false });
      } catch {
        troubles.push(t("attach.unreadable", { name: file.name }));
      }
    }
    refuse(troubles.join(" "));
    resize();
  };

  // ---- writing

  const submit = () => {
    if (conv === null || isEmpty()) return;
    keep(field.value);
    workspace.send(conv);
    field.value = workspace.writing(conv).text;
    menu.hide();
    refuse("");
    resize();
    field.focus();
  };
  const setNote = (isNote: boolean) => {
    if (conv === null) return;
    workspace.write(conv, { isNote });
    field.focus();
  };
  const endEdit = () => {
    if (conv === null) return;
    workspace.write(conv, { edit: undefined });
    field.value = workspace.writing(conv).text;
    resize();
    field.focus();
  };
  const leaveMode = () => {
    if (writing()?.edit !== undefined) endEdit();
    else setNote(false);
  };

  field.addEventListener("input", () => {
    if (conv === null) return;
    keep(field.value);
    const now = workspace.writing(conv);
    // The visitor does not see that a note is being written.
    if (!now.isNote && now.edit === undefined) workspace.typingIn(conv, field.value.trim() !== "");
    resize();
    const typed = /^\/(\S*)$/u.exec(field.value);
    if (typed === null) menu.hide();
    else menu.show(typed[1] ?? "", [item?.locale ?? "", i18n.language]);
  });
  field.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    const { key, shiftKey, altKey } = event;
    if (menu.key(event)) event.preventDefault();
    else if (key === "Enter" && !shiftKey && !altKey) {
      event.preventDefault();
      submit();
    } else if (key === "Escape" && !mode.hidden) {
      event.preventDefault();
      leaveMode();
    } else if (key === "ArrowUp" && !altKey && field.value === "" && writing()?.edit === undefined) {
      const last = host.lastOwn();
      if (last === undefined) return;
      event.preventDefault();
      view.edit(last.seq, last.text);
    }
  });
  field.addEventListener("blur", () => {
    menu.hide();
    if (conv !== null) workspace.typingIn(conv, false);
  });
  field.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void attach(files);
  });
  for (const button of [clip, slash, note]) button.addEventListener("pointerdown", (event) => event.preventDefault());
  slash.addEventListener("click", () => {
    field.focus();
    if (menu.node.hidden) menu.show("", [item?.locale ?? "", i18n.language]);
    else menu.hide();
  });
  clip.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    void attach([...(picker.files ?? [])]).then(() => (picker.value = ""));
    field.focus();
  });
  note.addEventListener("click", () => setNote(writing()?.isNote !== true));
  cancel.addEventListener("click", leaveMode);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });

  const update = () => {
    const { state } = workspace;
    item = state.open === null ? undefined : state.inbox.get(state.open);
    const isOther = state.open !== conv;
    conv = state.open;
    const now = writing();
    if (isOther) {
      menu.hide();
      refuse("");
    }
    const look = JSON.stringify([conv, now?.edit?.seq]);
    if (look !== shown) {
      shown = look;
      field.value = now?.edit?.text ?? now?.text ?? "";
    }
    const isEdit = now?.edit !== undefined;
    const isNote = now?.isNote === true && !isEdit;
    const isClosed = item?.state === "closed";
    // Colleagues can be told something of what is over, too.
    setHidden(closed, !isClosed);
    setHidden(box, isClosed);
    box.classList.toggle("is-note", isNote);
    box.classList.toggle("is-edit", isEdit);
    setHidden(mode, !isNote && !isEdit);
    setText(modeText, t(isEdit ? "composer.modeEdit" : "composer.modeNote"));
    setAttribute(note, "aria-pressed", String(isNote));
    setHidden(note, isEdit);
    setHidden(clip, isEdit || isNote || state.limits?.attachmentBytesMax === 0);
    setText(sendText, t(isEdit ? "composer.save" : isNote ? "composer.addNote" : "composer.send"));
    chipList.update(isNote || isEdit ? [] : (now?.files ?? []));
    setHidden(chips, chips.childElementCount === 0);
    setAttribute(field, "placeholder", isNote ? t("composer.placeholderNote") : placeholder(i18n, item, workspace));
    resize();
  };
  const view: Composer = {
    node: form,
    update,
    focus: () => field.focus(),
    insert: (text, isNote) => {
      if (conv === null) return;
      workspace.write(conv, { edit: undefined, isNote });
      const before = workspace.writing(conv).text;
      write(before.trim() === "" ? text : `${before}\n${text}`);
      field.focus();
    },
    edit: (seq, text) => {
      if (conv === null) return;
      workspace.write(conv, { edit: { seq, text } });
      field.value = text;
      resize();
      focusEnd();
    },
    attach: (files) => void attach(files),
  };
  return view;
}

function placeholder(i18n: I18n, item: InboxItem | undefined, { agent }: Workspace): string {
  const { t } = i18n;
  if (item?.state === "resolved") return t("composer.placeholderResolved");
  if (item === undefined || item.assignee?.id === agent.id) return t("composer.placeholder");
  if (item.assignee !== undefined) return t("composer.placeholderOther", { name: nameOf(i18n, item.assignee) });
  return t("composer.placeholderTake");
}

/** A sentence with its keys drawn as keys. */
function hint(text: string, keys: Record<string, string>): Child[] {
  return text.split(/(\{\w+\})/u).map((part) => {
    const key = keys[part.slice(1, -1)];
    return part.startsWith("{") && key !== undefined ? el("kbd", {}, key) : part;
  });
}
