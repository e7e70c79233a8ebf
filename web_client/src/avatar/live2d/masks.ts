import {
  type BufferGeometry,
  Color,
  LinearFilter,
  Mesh,
  OrthographicCamera,
  Scene,
  type ShaderMaterial,
  type Texture,
  Vector4,
  type WebGLRenderer,
  WebGLRenderTarget,
} from 'three';
import type { Quality } from '../../look';
import type { CoreDrawables } from './core';
import { maskMaterial, type MaskPlace } from './shaders';

const SIZE: Readonly<Record<Quality, number>> = { high: 2048, low: 1024 };
const CHANNELS = 4;
/** Room round what is masked, so that its edge is not that of its cell: a share of its size. */
const MARGIN = 0.05;

const clear = new Color();

/** One list of drawables behind which others are seen. */
interface Mask extends MaskPlace {
  /** The drawables that are seen behind it: it is drawn as large as they need. */
  seen: number[];
}

/**
 * The soft masks of one model, all in one texture: in each of its four channels a grid of cells, in each cell one mask, as
 * large as the drawables need that are seen behind it.
 */
export class Masks {
  private readonly target: WebGLRenderTarget;
  private readonly scene = new Scene();
  private readonly camera = new OrthographicCamera();
  private readonly masks: Mask[] = [];
  private readonly of = new Map<number, Mask>();
  private readonly materials: ShaderMaterial[] = [];

  /** @param geometries Those of the drawables, in the model's order */
  constructor(drawables: CoreDrawables, geometries: readonly BufferGeometry[], textures: readonly Texture[], quality: Quality) {
    const size = SIZE[quality];
    this.target = new WebGLRenderTarget(size, size, { depthBuffer: false, minFilter: LinearFilter, magFilter: LinearFilter });
    this.scene.matrixWorldAutoUpdate = false;
    const lists = maskLists(drawables);
    const rows = Math.ceil(Math.sqrt(Math.ceil(lists.length / CHANNELS)));
    lists.forEach(({ members, seen }, i) => {
      const mask: Mask = { seen, place: new Vector4(), ...cellOf(i, rows) };
      this.masks.push(mask);
      for (const drawable of seen) this.of.set(drawable, mask);
      for (const member of members) this.add(geometries[member]!, textures[drawables.textureIndices[member]!]!, mask);
    });
  }

  get texture(): Texture {
    return this.target.texture;
  }

  /** Where a drawable finds its mask; null when it has none. */
  at(drawable: number): MaskPlace | null {
    return this.of.get(drawable) ?? null;
  }

  /** Fits the cells to where the drawables are now. */
  update(drawables: CoreDrawables): void {
    for (const { seen, place, cell } of this.masks) fit(drawables, seen, cell, place);
  }

  /** Draws the masks. Leaves the renderer as it was. */
  render(renderer: WebGLRenderer): void {
    if (this.masks.length === 0) return;
    const target = renderer.getRenderTarget();
    const alpha = renderer.getClearAlpha();
    renderer.getClearColor(clear);
    renderer.setRenderTarget(this.target);
    renderer.setClearColor(0x000000, 0);
    renderer.clear();
    renderer.render(this.scene, this.camera);
    renderer.setClearColor(clear, alpha);
    renderer.setRenderTarget(target);
  }

  dispose(): void {
    for (const material of this.materials) material.dispose();
    this.target.dispose();
  }

  private add(geometry: BufferGeometry, map: Texture, mask: Mask): void {
    const material = maskMaterial(map, mask);
    const mesh = new Mesh(geometry, material);
    mesh.frustumCulled = false;
    this.materials.push(material);
    this.scene.add(mesh);
  }
}

/** The different masks of a model, and which drawables are seen behind each. */
function maskLists(drawables: CoreDrawables): { members: number[]; seen: number[] }[] {
  const lists = new Map<string, { members: number[]; seen: number[] }>();
  for (let drawable = 0; drawable < drawables.count; drawable++) {
    const members = [...drawables.masks[drawable]!].filter((member) => member >= 0).sort((a, b) => a - b);
    if (members.length === 0) continue;
    const key = members.join();
    const list = lists.get(key);
    if (list === undefined) lists.set(key, { members, seen: [drawable] });
    else list.seen.push(drawable);
  }
  return [...lists.values()];
}

/** The channel and the cell of the i-th mask. */
function cellOf(i: number, rows: number): { channel: Vector4; cell: Vector4 } {
  const channel = new Vector4(0, 0, 0, 0).setComponent(i % CHANNELS, 1);
  const place = Math.floor(i / CHANNELS);
  const [column, row] = [place % rows, Math.floor(place / rows)];
  return { channel, cell: new Vector4(column / rows, row / rows, (column + 1) / rows, (row + 1) / rows) };
}

/** Sets the place so that what is seen fills the cell. */
function fit(drawables: CoreDrawables, seen: readonly number[], cell: Vector4, place: Vector4): void {
  let left = Infinity;
  let right = -Infinity;
  let bottom = Infinity;
  let top = -Infinity;
  for (const drawable of seen) {
    if ((drawables.dynamicFlags[drawable]! & 1) === 0) continue;
    const points = drawables.vertexPositions[drawable]!;
    for (let i = 0; i < points.length; i += 2) {
      const x = points[i]!;
      const y = points[i + 1]!;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < bottom) bottom = y;
      if (y > top) top = y;
    }
  }
  if (left > right) return;
  const width = Math.max((right - left) * (1 + 2 * MARGIN), 1e-6);
  const height = Math.max((top - bottom) * (1 + 2 * MARGIN), 1e-6);
  const scaleX = (cell.z - cell.x) / width;
  const scaleY = (cell.w - cell.y) / height;
  place.set(scaleX, scaleY, cell.x - (left - (right - left) * MARGIN) * scaleX, cell.y - (bottom - (top - bottom) * MARGIN) * scaleY);
}
