import { Screen, type ScreenData } from "./screen.js";

/** What the runtimes' `Component` makes of the description. */
interface Instance {
  deskside?: Screen;
  setData(changed: Partial<ScreenData>): void;
  /** WeChat and Douyin. */
  triggerEvent?(name: string, detail: unknown): void;
  readonly properties?: { readonly opens?: string };
  /** Alipay. */
  readonly props?: { readonly opens?: string; readonly onHappened?: (detail: unknown) => void };
}

interface TapEvent {
  readonly detail?: object;
  readonly currentTarget?: { readonly dataset?: object };
}

/** Those that the template names; one test holds them against it. */
const names = [
  "Retry", "Back", "Query", "Clear", "Article", "Helped", "Link", "Ask", "Conversation", "Keyboard", "Blur", "Draft", "Send",
  "Again", "TakeBack", "Discard", "Older", "Latest", "New", "Reply", "Person", "Pick", "File", "Lost", "Field", "Submit",
  "Leave", "Addressee", "Ticket", "Scroll", "Scrolled", "Point", "Choice", "Words", "Next", "Previous", "Edit", "Skip",
].map((name) => `on${name}`);

const methods: Record<string, (this: Instance, event: TapEvent) => void> = {};
for (const name of names) {
  methods[name] = function (this: Instance, { detail = {}, currentTarget }) {
    this.deskside?.tap(name, detail, currentTarget?.dataset ?? {});
  };
}

function begin(this: Instance): void {
  this.deskside = new Screen(
    (changed) => this.setData(changed),
    (name, detail) => {
      this.triggerEvent?.("happened", { name, detail });
      this.props?.onHappened?.({ name, detail });
    },
  );
  this.deskside.start((this.properties ?? this.props)?.opens ?? "");
}

function end(this: Instance): void {
  this.deskside?.end();
  delete this.deskside;
}

const data = { screen: "loading", t: {}, found: [], popular: [], recent: [], rows: [], replies: [], keyboard: 0 };

/** `<deskside-chat>` as WeChat's and Douyin's `Component` wants it. */
export const wxComponent = {
  // Fields of an instance that the page never draws stay out of `data`.
  properties: {
    opens: {
      type: String,
      value: "",
      // Some frameworks bring properties only after the component is there.
      observer(this: Instance, opens: string): void {
        this.deskside?.turnTo(opens);
      },
    },
  },
  data,
  lifetimes: { attached: begin, detached: end },
  methods,
};

/** The same as Alipay's wants it. */
export const myComponent = {
  props: { opens: "" },
  data,
  didMount: begin,
  didUpdate(this: Instance, { opens }: { readonly opens?: string }): void {
    const now = this.props?.opens ?? "";
    if (now !== opens) this.deskside?.turnTo(now);
  },
  didUnmount: end,
  methods,
};
