import type { AvatarSource } from './avatar/load';
import { filePicker, ICONS, iconButton, make, textButton } from './controls';
import { sourceOf } from './drop';
import { nameOfPath, readLibrary } from './library';

/** What a chooser of files should offer: every kind's files, and zips. */
const ACCEPT = '.vrm,.glb,.zip,.pmx,.json,.moc3,.png,.jpg,.jpeg,.webp,.gif,.bmp,.tga';

export interface AvatarMenuActions {
  choose(source: AvatarSource, seat: number): void;
  /** The address on show at a seat; '' for a dropped file. */
  shown(seat: number): string;
}

/** The button that opens the list of avatars: the program's own, and a file of the user's. */
export class AvatarMenu {
  readonly element = make('span', 'menu');
  private readonly list = make('div', 'popover');
  private readonly button: HTMLButtonElement;
  private readonly picker;
  private seat = 0;

  constructor(
    private readonly people: number,
    private readonly token: string | null,
    private readonly actions: AvatarMenuActions,
  ) {
    this.picker = filePicker(ACCEPT, true, (files) => {
      const source = sourceOf(files.map((file) => ({ path: file.name, file })), files[0]!.name);
      if (source) actions.choose(source, this.seat);
    });
    this.button = iconButton('avatar', 'Choose an avatar', () => void this.open(this.list.hidden === true));
    this.button.setAttribute('aria-haspopup', 'true');
    this.list.hidden = true;
    this.element.append(this.button, this.list, this.picker.element);
    document.addEventListener('pointerdown', (event) => {
      if (!this.element.contains(event.target as Node)) void this.open(false);
    });
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.list.hidden) return;
      void this.open(false);
      this.button.focus();
    });
    void this.open(false);
  }

  private async open(open: boolean): Promise<void> {
    this.button.setAttribute('aria-expanded', String(open));
    this.list.hidden = !open;
    if (!open) return;
    const { avatars } = await readLibrary(this.token);
    this.fill(avatars);
  }

  private fill(avatars: readonly string[]): void {
    this.list.replaceChildren();
    if (this.people > 1) this.list.append(this.seats(avatars));
    this.list.append(make('h2', '', 'Avatars'), ...avatars.map((path) => this.item(path)));
    const file = textButton('Choose a file …', () => {
      void this.open(false);
      this.picker.open();
    });
    file.prepend(icon('folder'));
    this.list.append(file, make('p', 'hint', 'or drop a VRM, a zip or a folder on the page'));
  }

  /** Which performer the avatar is for. */
  private seats(avatars: readonly string[]): HTMLElement {
    const row = make('div', 'segments');
    for (let seat = 0; seat < this.people; seat++) {
      const button = textButton(`Performer ${seat + 1}`, () => {
        this.seat = seat;
        this.fill(avatars);
      });
      button.setAttribute('aria-pressed', String(seat === this.seat));
      row.append(button);
    }
    return row;
  }

  private item(path: string): HTMLElement {
    const address = new URL(path, location.href).href;
    const button = textButton(nameOfPath(path), () => {
      void this.open(false);
      this.actions.choose(address, this.seat);
    });
    button.setAttribute('aria-pressed', String(address === this.actions.shown(this.seat)));
    return button;
  }
}

function icon(name: keyof typeof ICONS): Element {
  const holder = make('span', 'small');
  holder.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}" /></svg>`;
  return holder;
}
