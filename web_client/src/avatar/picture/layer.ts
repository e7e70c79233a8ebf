import { CustomBlending, LinearFilter, LinearMipmapLinearFilter, Mesh, NoColorSpace, OneFactor, OneMinusSrcAlphaFactor, PlaneGeometry, ShaderMaterial, Texture } from 'three';
import { alphaOf, decodeImage, type Image } from '../images';
import type { Named, Side } from './names';

/** Points less opaque than this are taken for empty. */
const EMPTY = 8;

const VERTEX = /* glsl */ `
varying vec2 vPlace;
varying vec2 vCanvas;
uniform vec4 canvas;
void main() {
  vPlace = uv;
  vCanvas = mix(canvas.xy, canvas.zw, position.xy + 0.5);
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
}
`;
/** The picture's own colours, untouched: they are already multiplied with alpha and as the screen wants them. */
const FRAGMENT = /* glsl */ `
uniform sampler2D picture;
#ifdef WITHIN
  uniform sampler2D within;
  uniform vec4 withinCanvas;
  uniform vec2 moved;
#endif
varying vec2 vPlace;
varying vec2 vCanvas;
void main() {
  vec4 colour = texture2D(picture, vPlace);
  #ifdef WITHIN
    vec2 place = (vCanvas + moved - withinCanvas.xy) / (withinCanvas.zw - withinCanvas.xy);
    colour *= texture2D(within, vec2(place.x, 1.0 - place.y)).a;
  #endif
  if (colour.a < 0.004) discard;
  gl_FragColor = colour;
}
`;

/** A rectangle of the canvas: x to the right, y up, from the lower left corner, points. */
export interface Box {
  left: number;
  bottom: number;
  right: number;
  top: number;
}

/** One picture of a set, decoded, and what of the canvas it fills. */
export class Picture {
  readonly texture: Texture;
  /** What is not empty in it, on the canvas. */
  readonly box: Box;
  /** All of it, on the canvas. */
  readonly frame: Box;

  /**
   * @param canvas Of the largest picture; smaller ones lie in its middle
   * @param offset Moves it from there: x to the right, y down, points
   */
  constructor(
    readonly named: Named,
    private readonly image: Image,
    canvas: { width: number; height: number },
    offset: readonly [number, number],
  ) {
    this.texture = new Texture(image as ImageBitmap);
    this.texture.flipY = false;
    this.texture.colorSpace = NoColorSpace;
    this.texture.minFilter = LinearMipmapLinearFilter;
    this.texture.magFilter = LinearFilter;
    this.texture.generateMipmaps = true;
    this.texture.needsUpdate = true;
    const left = (canvas.width - image.width) / 2 + offset[0];
    const bottom = (canvas.height - image.height) / 2 - offset[1];
    this.frame = { left, bottom, right: left + image.width, top: bottom + image.height };
    this.box = fullBox(image, this.frame);
  }

  dispose(): void {
    this.texture.dispose();
    if (this.image instanceof ImageBitmap) this.image.close();
  }
}

/** @throws AvatarError when it cannot be read */
export async function decodePicture(bytes: ArrayBuffer, path: string): Promise<Image> {
  return decodeImage(bytes, path, 'premultiplied');
}

function fullBox(image: Image, frame: Box): Box {
  const alpha = alphaOf(image);
  const { width, height } = image;
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (alpha[y * width + x]! < EMPTY) continue;
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x + 1), Math.min(top, y), Math.max(bottom, y + 1)];
    }
  }
  if (right <= left) return { ...frame, right: frame.left + 1, top: frame.bottom + 1 };
  return { left: frame.left + left, right: frame.left + right, bottom: frame.top - bottom, top: frame.top - top };
}

/** A piece of a picture that moves as one: all of it, or the half of one eye. */
export class Layer {
  readonly mesh: Mesh<PlaneGeometry, ShaderMaterial>;
  /** Its middle, on the canvas. */
  readonly middle: { x: number; y: number };

  /**
   * @param box What it shows of the picture, on the canvas
   * @param side Of which eye it is; null for none of the two alone
   * @param depth How near it is: 0 moves with the body, 1 as far as the face
   * @param order Later ones are drawn over earlier ones
   */
  constructor(
    readonly picture: Picture,
    box: Box,
    readonly side: Side | null,
    readonly depth: number,
    order: number,
  ) {
    const { frame, texture } = picture;
    const geometry = new PlaneGeometry(1, 1);
    const uv = geometry.getAttribute('uv');
    for (let i = 0; i < uv.count; i++) {
      const [x, y] = [box.left + uv.getX(i) * (box.right - box.left), box.bottom + uv.getY(i) * (box.top - box.bottom)];
      uv.setXY(i, (x - frame.left) / (frame.right - frame.left), (frame.top - y) / (frame.top - frame.bottom));
    }
    const material = new ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: { picture: { value: texture }, canvas: { value: [box.left, box.bottom, box.right, box.top] } },
      transparent: true,
      depthWrite: false,
      premultipliedAlpha: true,
      blending: CustomBlending,
      blendSrc: OneFactor,
      blendDst: OneMinusSrcAlphaFactor,
    });
    this.mesh = new Mesh(geometry, material);
    this.mesh.name = picture.named.path;
    this.mesh.scale.set(box.right - box.left, box.top - box.bottom, 1);
    this.mesh.renderOrder = order;
    this.middle = { x: (box.left + box.right) / 2, y: (box.bottom + box.top) / 2 };
  }

  get named(): Named {
    return this.picture.named;
  }

  /** From now on it shows only where another picture is: an iris within its eye. */
  keepWithin({ texture, frame }: Picture): void {
    const { material } = this.mesh;
    material.defines = { WITHIN: 1 };
    material.uniforms['within'] = { value: texture };
    material.uniforms['withinCanvas'] = { value: [frame.left, frame.bottom, frame.right, frame.top] };
    material.uniforms['moved'] = { value: [0, 0] };
    material.needsUpdate = true;
  }

  /** How far it went on the canvas against what it is kept within. */
  moveWithin(x: number, y: number): void {
    const moved = this.mesh.material.uniforms['moved']?.value as number[] | undefined;
    if (moved) [moved[0], moved[1]] = [x, y];
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
  }
}
