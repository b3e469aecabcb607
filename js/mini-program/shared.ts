import type { HostEvent } from "../types/client.js";
import { createDeskside, type Deskside, type DesksideOptions } from "./deskside.js";
import type { Host } from "./host.js";
import { leave, setUpHere, type SetUpHere, type Watcher } from "./set-up-here.js";

export interface SetUp extends DesksideOptions {
  /** The address of the help index, made by `npx deskside index`. */
  readonly help?: string;
}

/** Says once, as in `App.onLaunch`, where the desk is. Nothing is loaded before it is needed. */
export function setUp(host: Host, options: SetUp): void {
  leave(new Shared(host, options));
}

/** The client, started where it is not yet. A failure is not remembered: the next call tries again. */
export const client = (): Promise<Deskside> => setUpHere().client();

/** The one client of this mini-program, which its components share. */
class Shared implements SetUpHere {
  private readonly watchers = new Set<Watcher>();
  private starting: Promise<Deskside> | null = null;
  private help: Promise<void> | null = null;

  constructor(
    readonly host: Host,
    private readonly options: SetUp,
  ) {}

  client(): Promise<Deskside> {
    const { options } = this;
    const all = (tell: (watcher: Watcher) => void): void => this.watchers.forEach(tell);
    this.starting ??= createDeskside(this.host, {
      ...options,
      onChange: () => {
        options.onChange?.();
        all((watcher) => watcher.changed());
      },
      onEvent: (event: HostEvent) => {
        options.onEvent?.(event);
        all((watcher) => watcher.happened(event));
      },
      onCrash: (kind) => {
        options.onCrash?.(kind);
        all((watcher) => watcher.crashed(kind));
      },
    }).catch((error: unknown) => {
      this.starting = null;
      throw error;
    });
    return this.starting;
  }

  async openHelp(): Promise<void> {
    const { help } = this.options;
    if (help === undefined) return;
    this.help ??= this.client()
      .then((running) => running.loadHelp(help))
      .catch((error: unknown) => {
        this.help = null;
        throw error;
      });
    await this.help;
  }

  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }
}
