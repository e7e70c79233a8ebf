import { AmbientLight, Color, DirectionalLight, Group, MathUtils } from 'three';

/** Three-point light: a key, a fill from all sides, and a rim from behind. */
export interface Light {
  preset: LightName;
  /** Of all lights, 1 as the preset is. */
  brightness: number;
  /** Where the key comes from, degrees to the picture's right. */
  side: number;
  /** Of the fill, 1 as the preset is. */
  fill: number;
  /** Of the rim: 1 is plainly seen, 0 none. */
  rim: number;
}

interface Preset {
  words: string;
  side: number;
  /** Height of the key, degrees above the horizon. */
  height: number;
  key: readonly [colour: number, intensity: number];
  fill: readonly [colour: number, intensity: number];
  /** How much of the rim is shown unless the user says otherwise. */
  rim: number;
  /** From behind at the left, and from behind at the right. */
  rims: readonly [readonly [colour: number, intensity: number], readonly [colour: number, intensity: number]];
}

// MToon divides by pi, as physical shading does: intensities that sum up to pi show a lit colour as it was painted. Each
// directional light shows its shade colour even on the side that it does not reach, so a rim brightens the front as well.
const PRESETS = {
  soft: { words: 'Soft', side: 20, height: 33, key: [0xfff8f2, 0.78], fill: [0xeef2ff, 0.2], rim: 0, rims: [[0xdfe8ff, 0.3], [0xfff0e4, 0.3]] },
  studio: { words: 'Studio', side: 38, height: 30, key: [0xfff4e6, 0.68], fill: [0xdfe8ff, 0.16], rim: 1, rims: [[0xcfe0ff, 0.3], [0xffffff, 0.12]] },
  sunset: { words: 'Sunset', side: -48, height: 12, key: [0xffc48a, 0.72], fill: [0xb9a8e8, 0.2], rim: 1, rims: [[0xff9a70, 0.1], [0xffb27a, 0.42]] },
  night: { words: 'Night', side: 30, height: 42, key: [0x9fb6ff, 0.44], fill: [0x4a5aa8, 0.2], rim: 1, rims: [[0x6f8cff, 0.5], [0x7fe4ff, 0.2]] },
  stage: { words: 'Stage', side: 8, height: 48, key: [0xfff0fa, 0.52], fill: [0x9a86d8, 0.14], rim: 1, rims: [[0xff4fb0, 0.55], [0x35d6ff, 0.55]] },
  flat: { words: 'Flat', side: 0, height: 20, key: [0xffffff, 0], fill: [0xffffff, 1], rim: 0, rims: [[0xffffff, 0.3], [0xffffff, 0.3]] },
} as const satisfies Record<string, Preset>;

export type LightName = keyof typeof PRESETS;
export const LIGHTS = Object.keys(PRESETS) as LightName[];
export const lightWords = (name: LightName): string => PRESETS[name].words;

/** The light of a preset, nothing changed. */
export function presetLight(preset: LightName): Light {
  return { preset, brightness: 1, side: PRESETS[preset].side, fill: 1, rim: PRESETS[preset].rim };
}

/** The lights of the scene. */
export class Lights {
  readonly object = new Group();
  private readonly key = new DirectionalLight();
  private readonly fill = new AmbientLight();
  private readonly rims = [new DirectionalLight(), new DirectionalLight()] as const;

  constructor() {
    this.rims[0].position.set(-1.1, 0.9, -1.3);
    this.rims[1].position.set(1.1, 0.9, -1.3);
    this.object.add(this.key, this.fill, ...this.rims);
  }

  set({ preset, brightness, side, fill, rim }: Light): void {
    const { height, key, fill: ambient, rims } = PRESETS[preset];
    const strength = Math.PI * brightness;
    const [across, up] = [side * MathUtils.DEG2RAD, height * MathUtils.DEG2RAD];
    this.key.position.set(Math.sin(across) * Math.cos(up), Math.sin(up), Math.cos(across) * Math.cos(up));
    shine(this.key, key[0], key[1] * strength);
    shine(this.fill, ambient[0], ambient[1] * strength * fill);
    this.rims.forEach((light, i) => shine(light, rims[i]![0], rims[i]![1] * strength * rim));
  }
}

function shine(light: { color: Color; intensity: number }, colour: number, intensity: number): void {
  light.color.setHex(colour);
  light.intensity = intensity;
}
