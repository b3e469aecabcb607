import { el } from "./dom.js";

/** What is shown in the popup. */
export interface Content {
  /** What the list is a list of. */
  label: string;
  /** A sentence over the list, and one in smaller letters. */
  message?: string | undefined;
  hint?: string | undefined;
  options: readonly HTMLElement[];
  /** Whether there is no answer here, so that what the site put into the element is shown. */
  isPoor?: boolean;
  button?: { label: string; press: () => void } | undefined;
}

/** The listbox of the combobox and what stands around it. Its options are in `list`, one of them active. */
export class Popup {
  readonly list = el("div", { role: "listbox", id: "list", part: "list" });
  private readonly message = el("p", { class: "message", part: "message" });
  private readonly hint = el("p", { class: "hint" });
  private readonly slot = el("slot", {});
  private readonly button = el("button", { type: "button", class: "link" });
  readonly node = el("div", { class: "popup", part: "popup", hidden: "" }, this.message, this.hint, this.list, this.slot, this.button);
  private active = -1;

  constructor(private readonly input: HTMLInputElement) {
    // A press on an option must not take the focus from the field.
    this.node.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get isOpen(): boolean {
    return !this.node.hidden;
  }

  get options(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>("[role=option]")];
  }

  get activeOption(): HTMLElement | undefined {
    return this.options[this.active];
  }

  show({ label, message = "", hint = "", options, isPoor = false, button }: Content): void {
    this.message.textContent = message;
    this.hint.textContent = hint;
    this.list.setAttribute("aria-label", label);
    this.list.replaceChildren(...options);
    this.list.hidden = options.length === 0;
    this.slot.hidden = !isPoor;
    this.button.textContent = button?.label ?? "";
    this.button.onclick = button?.press ?? null;
    this.options.forEach((option, at) => (option.id = `option-${at}`));
    this.node.hidden = false;
    // A listbox without options is none.
    this.input.setAttribute("aria-expanded", String(options.length > 0));
    this.activate(-1);
    this.fit();
  }

  close(): void {
    this.node.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.activate(-1);
  }

  /** Moves to the next option or the one before; after the last comes the first. */
  move(step: 1 | -1): void {
    const count = this.options.length;
    if (count === 0) return;
    const from = this.active < 0 && step < 0 ? 0 : this.active;
    this.activate((from + step + count) % count);
  }

  /** -1: none, the field itself. */
  activate(at: number): void {
    this.active = at;
    this.options.forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    const option = this.activeOption;
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  /** The keyboard of a phone covers the page without telling it; only the visual viewport knows. */
  fit(): void {
    if (!this.isOpen) return;
    const { height, offsetTop } = window.visualViewport ?? { height: innerHeight, offsetTop: 0 };
    const room = height + offsetTop - this.node.getBoundingClientRect().top - 12;
    this.node.style.setProperty("--room", `${Math.max(room, 180)}px`);
  }
}
