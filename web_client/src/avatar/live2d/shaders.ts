import {
  AddEquation,
  type Blending,
  CustomBlending,
  DoubleSide,
  FrontSide,
  OneFactor,
  OneMinusSrcAlphaFactor,
  OneMinusSrcColorFactor,
  ShaderMaterial,
  type Texture,
  Vector3,
  Vector4,
} from 'three';
import { type Blend, FACTORS } from './blend';

/** The bits of a drawable's constant flags. */
export const DOUBLE_SIDED = 4;
export const INVERTED_MASK = 8;

/*
 * All colours are multiplied by their alpha, and are mixed as the numbers that they are on the screen, as Live2D's editor
 * does: no conversion to linear light, no tone mapping.
 */

const VERTEX = /* glsl */ `
uniform vec4 place;
uniform vec3 stand;
varying vec2 texel;
varying vec2 masked;

void main() {
  texel = uv;
  masked = position.xy * place.xy + place.zw;
  // From wherever it is looked at, the picture is turned about its standpoint to face the camera.
  vec2 ahead = cameraPosition.xz - stand.xz;
  ahead = dot(ahead, ahead) > 0.0 ? normalize(ahead) : vec2(0.0, 1.0);
  vec3 world = (modelMatrix * vec4(position.xy, 0.0, 1.0)).xyz - stand;
  world.xz = vec2(world.x * ahead.y + world.z * ahead.x, world.z * ahead.y - world.x * ahead.x);
  gl_Position = projectionMatrix * viewMatrix * vec4(world + stand, 1.0);
}`;

const FRAGMENT = /* glsl */ `
uniform sampler2D map;
uniform float opacity;
uniform vec3 multiplied;
uniform vec3 screened;
#ifdef MASKED
uniform sampler2D mask;
uniform vec4 channel;
varying vec2 masked;
#endif
varying vec2 texel;

void main() {
  vec4 colour = texture2D(map, texel);
  colour.rgb *= multiplied;
  colour.rgb += screened * colour.a - screened * colour.rgb;
  float shown = opacity;
#ifdef MASKED
  float inside = dot(texture2D(mask, masked), channel);
#ifdef INVERTED
  inside = 1.0 - inside;
#endif
  shown *= inside;
#endif
  gl_FragColor = colour * shown;
}`;

const MASK_VERTEX = /* glsl */ `
uniform vec4 place;
varying vec2 texel;
varying vec2 masked;

void main() {
  texel = uv;
  masked = position.xy * place.xy + place.zw;
  gl_Position = vec4(masked * 2.0 - 1.0, 0.0, 1.0);
}`;

const MASK_FRAGMENT = /* glsl */ `
uniform sampler2D map;
uniform vec4 channel;
uniform vec4 cell;
varying vec2 texel;
varying vec2 masked;

void main() {
  // What lies outside would fall into the neighbours' cells.
  if (any(lessThan(masked, cell.xy)) || any(greaterThan(masked, cell.zw))) discard;
  gl_FragColor = channel * texture2D(map, texel).a;
}`;

/** Where in the mask texture a drawable finds its mask: one cell of one channel. */
export interface MaskPlace {
  /** Scale and shift from the model's x, y to the texture's. */
  place: Vector4;
  /** 1 in the channel, 0 in the three others. */
  channel: Vector4;
  /** Left, bottom, right and top of the cell. */
  cell: Vector4;
}

const NO_PLACE = new Vector4(1, 1, 0, 0);
const BASE = { depthWrite: false, transparent: true, blending: CustomBlending as Blending, blendEquation: AddEquation };

/**
 * What draws one drawable.
 *
 * @param stand Where the avatar stands in the scene; kept, and read anew in each picture
 */
export function drawableMaterial(
  map: Texture,
  flags: number,
  blend: Blend,
  mask: { texture: Texture; at: MaskPlace } | null,
  stand: Vector3,
): ShaderMaterial {
  return new ShaderMaterial({
    ...BASE,
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    defines: mask === null ? {} : { MASKED: '', ...((flags & INVERTED_MASK) !== 0 ? { INVERTED: '' } : {}) },
    uniforms: {
      map: { value: map },
      opacity: { value: 1 },
      multiplied: { value: new Vector3(1, 1, 1) },
      screened: { value: new Vector3(0, 0, 0) },
      mask: { value: mask?.texture ?? null },
      channel: { value: mask?.at.channel ?? null },
      place: { value: mask?.at.place ?? NO_PLACE },
      stand: { value: stand },
    },
    side: (flags & DOUBLE_SIDED) !== 0 ? DoubleSide : FrontSide,
    ...FACTORS[blend],
  });
}

/** What draws one drawable into its cell of the mask texture, with others of the same mask. */
export function maskMaterial(map: Texture, at: MaskPlace): ShaderMaterial {
  return new ShaderMaterial({
    ...BASE,
    vertexShader: MASK_VERTEX,
    fragmentShader: MASK_FRAGMENT,
    uniforms: { map: { value: map }, channel: { value: at.channel }, place: { value: at.place }, cell: { value: at.cell } },
    side: DoubleSide,
    depthTest: false,
    blendSrc: OneFactor,
    blendDst: OneMinusSrcColorFactor,
    blendSrcAlpha: OneFactor,
    blendDstAlpha: OneMinusSrcAlphaFactor,
  });
}
