import type { AvatarSource } from './avatar/load';
import { isOwnPicture } from './backgrounds';
import { framed, type Look, writeLook } from './look';
import { recall, remember } from './memory';
import { obsLink } from './obs_link';
import type { Options } from './options';
import { Settings } from './settings';
import { type Vitals, Status } from './status';
import { Toolbar } from './toolbar';
import { STRAIGHT, type View, writeView } from './view';

/** The look as it is remembered for every avatar; the camera is remembered for each. */
export const LOOK_MEMORY = 'look';
const VIEW_MEMORY = 'view:';
/** After the last move of the camera its place is remembered, ms. */
const SETTLED_MS = 300;

/** What the controls move. */
export interface DeskActions {
  choose(source: AvatarSource, seat: number): void;
  /** Shows a look; `camera` when the camera is to go to its preset and view. */
  look(look: Look, camera: boolean): void;
  /** Addresses of the avatars on show, seat by seat; '' for dropped files. */
  avatars(): string[];
  /** The address of the program's own choice. */
  usual(): string;
  /** How the program frames the avatar on show, as options of an address; '' for the usual way. */
  framing(): string;
}

/** The controls of the page: they change the look, and remember it. */
export class Desk {
  private readonly toolbar: Toolbar;
  private readonly settings: Settings;
  private readonly status: Status;
  private settling = 0;
  /** Name of the avatar whose camera is remembered. */
  private avatar = '';

  constructor(
    parent: HTMLElement,
    private readonly options: Options,
    private look: Look,
    private readonly actions: DeskActions,
  ) {
    const { people, token } = options;
    this.status = new Status(parent);
    this.toolbar = new Toolbar(parent, people, token, {
      choose: actions.choose,
      shown: (seat) => actions.avatars()[seat] ?? '',
      change: (part) => this.change(part),
      camera: (camera) => this.change({ camera, view: { ...STRAIGHT } }),
      settings: () => this.open(!this.settings.open),
    });
    this.settings = new Settings(document.body, people, token, {
      change: (part) => this.change(part),
      people: (count) => reopen(count),
      close: () => this.open(false),
      link: () => this.link(),
    });
    this.refresh();
  }

  showVitals(vitals: Vitals): void {
    this.status.show(vitals);
  }

  /** The camera was moved by hand. */
  viewed(view: View): void {
    this.look = { ...this.look, view };
    clearTimeout(this.settling);
    this.settling = window.setTimeout(() => {
      this.rememberView();
      this.refresh();
    }, SETTLED_MS);
  }

  /** An avatar is on show: before another one the camera goes where it stood last time, at first straight. */
  arrived(avatar: string): void {
    const query = new URLSearchParams(location.search);
    if (avatar !== this.avatar && !query.has('cam') && !query.has('view')) {
      this.look = framed(this.look, new URLSearchParams(recall(VIEW_MEMORY + avatar) || this.actions.framing()));
      this.actions.look(this.look, true);
    }
    this.avatar = avatar;
    this.refresh();
  }

  /** The program frames its avatar anew: so do we, unless the user has moved the camera here. */
  framed(): void {
    const query = new URLSearchParams(location.search);
    if (this.avatar === '' || query.has('cam') || query.has('view') || recall(VIEW_MEMORY + this.avatar)) return;
    this.look = framed(this.look, new URLSearchParams(this.actions.framing()));
    this.actions.look(this.look, true);
    this.refresh();
  }

  private change(part: Partial<Look>): void {
    this.look = { ...this.look, ...part };
    const camera = part.camera !== undefined || part.view !== undefined;
    this.actions.look(this.look, camera);
    if (camera) this.rememberView();
    const kept = writeLook({ ...this.look, background: isOwnPicture(this.look.background) ? 'gradient' : this.look.background });
    for (const key of ['cam', 'view']) kept.delete(key);
    remember(LOOK_MEMORY, kept.toString());
    this.refresh();
  }

  private rememberView(): void {
    if (this.avatar === '') return;
    const { camera, view } = this.look;
    remember(VIEW_MEMORY + this.avatar, new URLSearchParams({ cam: camera, view: writeView(view) }).toString());
  }

  private open(open: boolean): void {
    this.settings.open = open;
    document.documentElement.classList.toggle('with-settings', open);
    this.refresh();
  }

  private link(): ReturnType<typeof obsLink> {
    const { people, places, token } = this.options;
    return obsLink(new URL(location.href), { look: this.look, avatars: this.actions.avatars(), usual: this.actions.usual(), framed: this.actions.framing() !== '', people, places, token });
  }

  private refresh(): void {
    this.toolbar.show(this.look, this.settings.open);
    this.settings.show(this.look);
  }
}

/** The same page for another number of performers. */
function reopen(people: number): void {
  const page = new URL(location.href);
  page.searchParams.delete('place');
  if (people > 1) page.searchParams.set('people', String(people));
  else page.searchParams.delete('people');
  location.assign(page);
}
