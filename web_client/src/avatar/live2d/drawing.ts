import {
  BufferAttribute,
  BufferGeometry,
  DynamicDrawUsage,
  Group,
  Mesh,
  type ShaderMaterial,
  Sphere,
  type Texture,
  Vector3,
  type WebGLRenderer,
} from 'three';
import type { Quality } from '../../look';
import { AvatarError } from '../avatar';
import { blendOf } from './blend';
import { Masks } from './masks';
import type { Model } from './model';
import { drawableMaterial } from './shaders';
import { freeTexture } from './textures';

/** The bits of a drawable's dynamic flags. */
const VISIBLE = 1;
const MOVED = 32;

/** Models on one stage are drawn one after the other, not one through the other. */
let drawn = 0;

/** The drawables of one model as meshes, in the model's own units, all in one plane. */
export class Drawing {
  readonly object = new Group();
  private readonly meshes: Mesh<BufferGeometry, ShaderMaterial>[] = [];
  private readonly masks: Masks;
  private readonly stand = new Vector3();
  private first = true;

  /** @throws AvatarError when the model asks for a texture that it does not name */
  constructor(
    private readonly model: Model,
    private readonly textures: readonly Texture[],
    quality: Quality,
  ) {
    const { drawables } = model;
    if (drawables.textureIndices.some((index) => textures[index] === undefined)) {
      throw new AvatarError('is damaged: its model has more textures than its .model3.json names');
    }
    const geometries = drawables.vertexPositions.map((_, i) => makeGeometry(model, i));
    this.masks = new Masks(drawables, geometries, textures, quality);
    geometries.forEach((geometry, i) => {
      const at = this.masks.at(i);
      const map = textures[drawables.textureIndices[i]!]!;
      const flags = drawables.constantFlags[i]!;
      const blend = blendOf(flags, drawables.blendModes?.[i]);
      const material = drawableMaterial(map, flags, blend, at && { texture: this.masks.texture, at }, this.stand);
      const mesh = new Mesh(geometry, material);
      mesh.name = drawables.ids[i]!;
      // Its bounds are never worked out: all of a model is in the picture, or nothing.
      mesh.frustumCulled = false;
      this.meshes.push(mesh);
    });
    if (this.meshes.length > 0) this.object.add(...this.meshes);
    this.object.renderOrder = ++drawn;
  }

  /** Takes over what the model worked out. */
  update(): void {
    const { drawables, renderOrders } = this.model;
    const { dynamicFlags, opacities, multiplyColors, screenColors, vertexPositions } = drawables;
    for (let i = 0; i < this.meshes.length; i++) {
      const mesh = this.meshes[i]!;
      const { uniforms } = mesh.material;
      const flags = dynamicFlags[i]!;
      mesh.visible = (flags & VISIBLE) !== 0 && opacities[i]! > 0;
      mesh.renderOrder = renderOrders[i]!;
      uniforms['opacity']!.value = opacities[i];
      if (multiplyColors) uniforms['multiplied']!.value.fromArray(multiplyColors, 4 * i);
      if (screenColors) uniforms['screened']!.value.fromArray(screenColors, 4 * i);
      if ((flags & MOVED) === 0 && !this.first) continue;
      const position = mesh.geometry.attributes['position'] as BufferAttribute;
      (position.array as Float32Array).set(vertexPositions[i]!);
      position.needsUpdate = true;
    }
    this.masks.update(drawables);
    this.object.parent?.getWorldPosition(this.stand);
    this.first = false;
  }

  /** Draws the masks into their texture. */
  beforeDraw(renderer: WebGLRenderer): void {
    this.masks.render(renderer);
  }

  dispose(): void {
    for (const { geometry, material } of this.meshes) {
      geometry.dispose();
      material.dispose();
    }
    this.masks.dispose();
    this.textures.forEach(freeTexture);
  }
}

function makeGeometry({ drawables }: Model, i: number): BufferGeometry {
  const geometry = new BufferGeometry();
  const positions = new BufferAttribute(new Float32Array(2 * drawables.vertexCounts[i]!), 2);
  geometry.setAttribute('position', positions.setUsage(DynamicDrawUsage));
  geometry.setAttribute('uv', new BufferAttribute(drawables.vertexUvs[i]!.slice(), 2));
  geometry.setIndex(new BufferAttribute(drawables.indices[i]!.slice(), 1));
  // Asked for to sort by distance, which is the same for all.
  geometry.boundingSphere = new Sphere();
  return geometry;
}
