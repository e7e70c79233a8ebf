import { AvatarMenu, type AvatarMenuActions } from './avatar_menu';
import { backgroundChoice } from './backgrounds';
import { type Choice, choice, iconButton, make, press } from './controls';
import type { CameraName, Look } from './look';

export interface ToolbarActions extends AvatarMenuActions {
  /** Takes over a part of the look. */
  change(part: Partial<Look>): void;
  /** Moves the camera to a preset, straight. */
  camera(name: CameraName): void;
  /** Opens or closes the settings. */
  settings(): void;
}

export const CAMERA_WORDS = [
  ['face', 'Face'],
  ['bust', 'Bust'],
  ['full', 'Full'],
] as const satisfies readonly (readonly [CameraName, string])[];

/** The few controls that are always there: avatar, camera, background, mirror, and the door to the others. */
export class Toolbar {
  private readonly cameras: Choice<CameraName>;
  private readonly grounds: Choice<string>;
  private readonly mirror: HTMLButtonElement;
  private readonly settings: HTMLButtonElement;
  private mirrored = false;

  constructor(parent: HTMLElement, people: number, token: string | null, actions: ToolbarActions) {
    const bar = make('div', 'toolbar');
    bar.setAttribute('role', 'group');
    bar.setAttribute('aria-label', 'Viewer');
    this.cameras = choice<CameraName>('Camera', CAMERA_WORDS, actions.camera, 'group');
    this.grounds = backgroundChoice(null, (background) => actions.change({ background }));
    this.mirror = iconButton('mirror', 'Mirror the picture', () => actions.change({ mirror: !this.mirrored }));
    this.settings = iconButton('settings', 'Settings', actions.settings);
    this.settings.setAttribute('aria-expanded', 'false');
    const menu = new AvatarMenu(people, token, actions);
    bar.append(menu.element, this.cameras.element, this.grounds.element, this.mirror, this.settings);
    parent.append(bar);
  }

  show(look: Look, settingsOpen: boolean): void {
    this.mirrored = look.mirror;
    this.cameras.show(look.camera);
    this.grounds.show(look.background);
    press(this.mirror, look.mirror);
    press(this.settings, settingsOpen);
    this.settings.setAttribute('aria-expanded', String(settingsOpen));
  }
}
