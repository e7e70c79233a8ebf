/** How the stage looks: what the address, the settings panel and the memory of the page have in common. */

import { type Light, type LightName, LIGHTS, presetLight } from './light';
import { readView, type View, writeView } from './view';

export const CAMERAS = ['bust', 'face', 'full'] as const;
export type CameraName = (typeof CAMERAS)[number];
export type Quality = 'low' | 'high';
/** Pictures a second at most; 0 for as many as the display shows. */
export const FRAME_RATES = [0, 60, 30, 24] as const;
export type FrameRate = (typeof FRAME_RATES)[number];

/** `gradient`, `transparent`, a colour as `#rrggbb`, or the address of a picture. */
export type Background = string;

export interface Look {
  camera: CameraName;
  /** How the camera was moved from the preset. */
  view: View;
  background: Background;
  light: Light;
  /** The lines round MToon avatars. */
  outline: boolean;
  /** The soft shadow at the feet. */
  shadow: boolean;
  frameRate: FrameRate;
  quality: Quality;
  /** Flip the picture as a looking-glass does. */
  mirror: boolean;
}

/**
 * Reads a look. What is not understood keeps its default and is named in `problems`.
 *
 * @param page The page's address: pictures must come from its own origin
 */
export function readLook(query: URLSearchParams, page: URL, inObs: boolean, problems: string[]): Look {
  const choose = <T extends string>(key: string, allowed: readonly T[], fallback: T): T => {
    const value = query.get(key);
    if (value === null || value === '') return fallback;
    if ((allowed as readonly string[]).includes(value)) return value as T;
    problems.push(`${key}=${value} is not one of ${allowed.join(', ')}`);
    return fallback;
  };
  return {
    camera: choose('cam', CAMERAS, 'bust'),
    view: readView(query.get('view'), problems),
    background: readBackground(query.get('bg'), page, inObs ? 'transparent' : 'gradient', problems),
    light: readLight(query.get('light'), problems),
    outline: choose('outline', ['0', '1'], '1') === '1',
    shadow: choose('shadow', ['0', '1'], '1') === '1',
    frameRate: Number(choose('fps', ['0', '60', '30', '24'], '0')) as FrameRate,
    quality: choose('quality', ['low', 'high'], 'high'),
    mirror: choose('mirror', ['0', '1'], '0') === '1',
  };
}

/** The look with camera and view from options of an address; those that are missing, or mean nothing, are the usual ones. */
export function framed(look: Look, told: URLSearchParams): Look {
  const camera = CAMERAS.find((name) => name === told.get('cam')) ?? 'bust';
  return { ...look, camera, view: readView(told.get('view'), []) };
}

/** The look as options of an address: those that differ from the defaults. */
export function writeLook(look: Look): URLSearchParams {
  const query = new URLSearchParams();
  if (look.camera !== 'bust') query.set('cam', look.camera);
  const view = writeView(look.view);
  if (view !== '') query.set('view', view);
  if (look.background !== 'gradient') query.set('bg', look.background.replace(/^#/, ''));
  const light = writeLight(look.light);
  if (light !== 'soft') query.set('light', light);
  if (!look.outline) query.set('outline', '0');
  if (!look.shadow) query.set('shadow', '0');
  if (look.frameRate !== 0) query.set('fps', String(look.frameRate));
  if (look.quality !== 'high') query.set('quality', look.quality);
  if (look.mirror) query.set('mirror', '1');
  return query;
}

/** Whether a background is a picture. */
export function isPicture(background: Background): boolean {
  return !/^(gradient|transparent|#.*)$/.test(background);
}

function readBackground(value: string | null, page: URL, fallback: Background, problems: string[]): Background {
  if (value === null || value === '') return fallback;
  if (value === 'transparent' || value === 'gradient') return value;
  const colour = value.replace(/^#/, '');
  if (/^[0-9a-f]{6}$/i.test(colour)) return `#${colour.toLowerCase()}`;
  const picture = /\.(png|jpe?g|webp)$/i.test(value) ? pictureAddress(value, page) : null;
  if (picture !== null) return picture;
  problems.push(`bg=${value} is neither transparent, a colour like #00ff00, nor a picture of this server`);
  return fallback;
}

/** The path of a picture on the page's own server; a bare name is one of its backgrounds. */
function pictureAddress(value: string, page: URL): string | null {
  try {
    const address = new URL(value.includes('/') ? value : `/backgrounds/${encodeURIComponent(value)}`, page);
    return address.origin === page.origin ? address.pathname : null;
  } catch {
    return null;
  }
}

/** `preset` or `preset,brightness,side,fill,rim`. */
function readLight(value: string | null, problems: string[]): Light {
  if (value === null || value === '') return presetLight('soft');
  const [preset, ...numbers] = value.split(',');
  const light = presetLight(LIGHTS.includes(preset as LightName) ? (preset as LightName) : 'soft');
  const [brightness = light.brightness, side = light.side, fill = light.fill, rim = light.rim] = numbers.map(Number);
  const sound = [brightness, fill, rim].every((share) => share >= 0 && share <= 3) && Math.abs(side) <= 180;
  if (light.preset === preset && sound) return { preset, brightness, side, fill, rim } as Light;
  problems.push(`light=${value} is not one of ${LIGHTS.join(', ')}`);
  return light;
}

function writeLight(light: Light): string {
  const usual = presetLight(light.preset);
  const numbers = [light.brightness, light.side, light.fill, light.rim];
  const same = [usual.brightness, usual.side, usual.fill, usual.rim].every((value, i) => value === numbers[i]);
  return same ? light.preset : [light.preset, ...numbers].join(',');
}

