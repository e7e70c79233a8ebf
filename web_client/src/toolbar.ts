import type { AvatarSource } from './avatar/load';
import { sourceOf } from './drop';
import type { Background, CameraName } from './options';

export interface ToolbarActions {
  choose(source: AvatarSource): void;
  camera(name: CameraName): void;
  background(background: Background): void;
  mirror(mirrored: boolean): void;
}

export interface ToolbarState {
  camera: CameraName;
  background: Background;
  mirror: boolean;
}

/** Paths of 24 x 24 line icons. */
const ICONS = {
  avatar: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4.5 20c.6-4 3.6-6 7.5-6s6.9 2 7.5 6',
  mirror: 'M12 3v18M8.5 7 3 17h5.5zM15.5 7 21 17h-5.5z',
};
const CAMERA_WORDS: Record<CameraName, string> = { face: 'Face', bust: 'Bust', full: 'Full' };
const CAMERA_ORDER = ['face', 'bust', 'full'] as const satisfies readonly CameraName[];

/** The few controls of the viewer: avatar file, camera, background, mirror. */
export class Toolbar {
  constructor(parent: HTMLElement, state: ToolbarState, actions: ToolbarActions) {
    const bar = document.createElement('div');
    bar.className = 'toolbar';
    bar.setAttribute('role', 'group');
    bar.setAttribute('aria-label', 'Viewer settings');
    bar.append(
      fileButton(actions.choose),
      cameraButtons(state.camera, actions.camera),
      backgroundButtons(state.background, actions.background),
      mirrorButton(state.mirror, actions.mirror),
    );
    parent.append(bar);
  }
}

function fileButton(choose: (source: AvatarSource) => void): HTMLElement {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = '.vrm,.glb,.zip,.pmx,.json,.png,.webp,.gif,.moc3,.bmp,.tga,.jpg';
  input.hidden = true;
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    // Empty again, so that the same file can be chosen twice.
    input.value = '';
    const source = sourceOf(files.map((file) => ({ path: file.name, file })), files[0]?.name ?? '');
    if (source) choose(source);
  });
  const button = iconButton('avatar', 'Choose an avatar, or drop it on the page: VRM, or a zip');
  button.addEventListener('click', () => input.click());
  const group = document.createElement('span');
  group.append(button, input);
  return group;
}

function cameraButtons(current: CameraName, choose: (name: CameraName) => void): HTMLElement {
  const group = groupOf('Camera');
  for (const name of CAMERA_ORDER) {
    const button = textButton(CAMERA_WORDS[name]);
    button.setAttribute('aria-pressed', String(name === current));
    button.addEventListener('click', () => {
      press(group, button);
      choose(name);
    });
    group.append(button);
  }
  return group;
}

function backgroundButtons(current: Background, choose: (background: Background) => void): HTMLElement {
  const group = groupOf('Background');
  for (const [name, label] of [
    ['gradient', 'Soft background'],
    ['transparent', 'Transparent background'],
  ] as const) {
    const button = swatch(name, label, current === name);
    button.addEventListener('click', () => {
      press(group, button);
      choose(name);
    });
    group.append(button);
  }
  group.append(colourSwatch(current, group, choose));
  return group;
}

function swatch(name: string, label: string, pressed: boolean): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = `swatch ${name}`;
  button.title = label;
  button.setAttribute('aria-label', label);
  button.setAttribute('aria-pressed', String(pressed));
  return button;
}

function colourSwatch(current: Background, group: HTMLElement, choose: (background: Background) => void): HTMLElement {
  const input = document.createElement('input');
  input.type = 'color';
  input.className = 'swatch';
  input.title = 'Plain colour';
  input.setAttribute('aria-label', 'Plain colour');
  input.value = current.startsWith('#') ? current : '#00b140';
  input.addEventListener('input', () => {
    press(group, null);
    choose(input.value);
  });
  return input;
}

function mirrorButton(mirrored: boolean, set: (mirrored: boolean) => void): HTMLElement {
  const button = iconButton('mirror', 'Mirror the picture');
  button.setAttribute('aria-pressed', String(mirrored));
  button.addEventListener('click', () => {
    const now = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(now));
    set(now);
  });
  return button;
}

function groupOf(label: string): HTMLElement {
  const group = document.createElement('span');
  group.className = 'group';
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', label);
  return group;
}

function press(group: HTMLElement, pressed: HTMLElement | null): void {
  for (const button of group.querySelectorAll('button')) button.setAttribute('aria-pressed', String(button === pressed));
}

function textButton(text: string): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = text;
  return button;
}

function iconButton(icon: keyof typeof ICONS, label: string): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.title = label;
  button.setAttribute('aria-label', label);
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}" /></svg>`;
  return button;
}

