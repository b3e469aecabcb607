import type { Identity } from "../client/recovering.js";
import type { Launcher } from "./launcher.js";

/**
 * `<deskside-widget>`: where the launcher lives on the page.
 *
 * @attr desk - The desk's address, `https://...`.
 * @attr site - The site's id at that desk.
 * @attr help - The address of the help index; without it there is no search.
 * @attr locale - BCP 47; the page's language where it is missing.
 * @attr position - `right` (as it is) or `left`.
 * @attr theme - `auto` (as it is), `light` or `dark`.
 * @attr contact - Another way to reach the team when the chat cannot run: `mailto:`, `tel:` or `https:`.
 * @attr sound - Plays a soft sound for a new message, until the visitor turns it off.
 * @attr surveys - Lets surveys come up by themselves: then the conversation is loaded, and asks the desk for them, once the page is idle.
 * @attr open - Whether the panel is open.
 * @attr hidden - Nothing of it is shown.
 *
 * @slot contact - A link that replaces the one made from `contact`.
 *
 * @event deskside:ready - The conversation runs; it is loaded when it is needed.
 * @event deskside:opened
 * @event deskside:closed
 * @event deskside:failed - `{code}`: `widget_load`, `core_load`, `core_refused`, `stopped`.
 * @event deskside:searched - `{query, hits, verdict}`, when the visitor stopped typing.
 * @event deskside:articleOpened - `{article}`
 * @event deskside:articleFeedback - `{article, helpful}`
 * @event deskside:messageReceived - `{conv, author, text}`; this and the rest as in `HostEvent`.
 * @event deskside:unreadChanged
 * @event deskside:conversationStarted
 * @event deskside:conversationResolved
 * @event deskside:surveyShown - `{what, surveyId, responseId, detail, rating}`; also `surveyAnswered`, `surveyCompleted`,
 *   `surveyDismissed`, `surveyExpired` and `surveySuppressed`, whose `detail` says why.
 * @event deskside:commandRefused
 *
 * @csspart surface - Around everything.
 * @csspart launcher - The round button.
 * @csspart badge - The number on it.
 * @csspart failure - What is said when the widget could not be loaded.
 * @csspart preview - The newest message beside the launcher.
 * @csspart panel
 * @csspart header - The line over a screen.
 * @csspart footer - What stands under it.
 * @csspart search - The search field.
 * @csspart notice - What does not work at the moment.
 * @csspart avatar
 * @csspart bubble - A message; also `bubble-mine` or `bubble-theirs`.
 * @csspart jump - The way to the latest message.
 * @csspart composer
 * @csspart input - The message box.
 * @csspart send - The button beside it.
 * @csspart menu - What else can be done with a conversation.
 * @csspart confirm - The question before a conversation is ended.
 * @csspart survey
 *
 * @cssproperty --deskside-accent - The one colour; 4.5:1 against `--deskside-on-accent`.
 * @cssproperty --deskside-on-accent - Text on it; white as it is.
 * @cssproperty --deskside-font
 * @cssproperty --deskside-radius - Of the panel's corners, 20px as it is; smaller ones follow.
 * @cssproperty --deskside-gap - Between the launcher and the window's edges, 20px as it is.
 * @cssproperty --deskside-width - Of the panel, 380px as it is.
 * @cssproperty --deskside-height - Of the panel at most, 640px as it is.
 * @cssproperty --deskside-z-index
 */
export function defineElement(launcher: Launcher): void {
  class DesksideWidget extends HTMLElement {
    static readonly observedAttributes = [
      "desk",
      "site",
      "help",
      "locale",
      "theme",
      "contact",
      "sound",
      "open",
    ];

    connectedCallback(): void {
      if (launcher.element === null) launcher.enter(this);
      else if (launcher.element !== this) {
        console.warn("deskside: a page has one <deskside-widget>; this one stays empty", this);
      }
    }

    disconnectedCallback(): void {
      if (launcher.element !== this) return;
      launcher.leave();
      // A page that swaps its body may have put the next element in before it took this one out.
      for (const next of document.querySelectorAll("deskside-widget")) {
        if (next !== this) return launcher.enter(next as HTMLElement);
      }
    }

    attributeChangedCallback(name: string, before: string | null, after: string | null): void {
      if (launcher.element !== this || before === after) return;
      if (name !== "open") launcher.configured();
      else if (after === null) launcher.close();
      else launcher.open();
    }

    /** Messages that have not been looked at. */
    get unread(): number {
      return launcher.unread;
    }

    open(): void {
      launcher.open();
    }

    close(): void {
      launcher.close();
    }

    toggle(): void {
      launcher.toggle();
    }

    /** Opens the chat, with a text in the box that the visitor may send. */
    openChat(text = ""): Promise<void> {
      return launcher.show((widget) => widget.openChat(text));
    }

    openArticle(id: string): Promise<void> {
      return launcher.show((widget) => widget.openArticle(id));
    }

    search(query: string): Promise<void> {
      return launcher.show((widget) => widget.search(query));
    }

    /** Says who is signed in at the site; `null` once nobody is. The first `token` of a user is the one that is called. */
    identify(identity: Identity | null): void {
      launcher.identify(identity);
    }
  }

  customElements.define("deskside-widget", DesksideWidget);

  /**
   * `<deskside-survey survey="...">`: a survey in any place of the page. `hidden-<field>` attributes fill
   * its hidden fields in; `theme` is `auto` (as it is), `light` or `dark`.
   */
  class DesksideSurvey extends HTMLElement {
    async connectedCallback(): Promise<void> {
      await (await launcher.load())?.surveys.inline(this);
    }
  }

  customElements.define("deskside-survey", DesksideSurvey);
}
