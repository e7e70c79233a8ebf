import { Mesh, PlaneGeometry, ShaderMaterial, Vector2, Vector3 } from 'three';
import type { Avatar } from './avatar/avatar';

/** Width and depth of the ground that is darkened, and how far one foot's shadow reaches, metres for an avatar 1.5 m tall. */
const SIZE = 1.6;
const REACH = 0.15;
/** How dark it is right under a foot, and over the whole ground between and around. */
const DARKEST = 0.34;
const AROUND = 0.16;
/** A foot this high casts half the shadow, metres. */
const HEIGHT = 0.12;
const USUAL_TOP = 1.6;

const VERTEX = /* glsl */ `
varying vec2 ground;
uniform float size;
void main() {
  ground = position.xy * size;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position.xy * size, 0.0, 1.0);
}`;
// Black with the shadow as its alpha: right on a transparent picture as well.
const FRAGMENT = /* glsl */ `
varying vec2 ground;
uniform vec2 left;
uniform vec2 right;
uniform vec2 strength;
uniform float reach;
float spot(vec2 from, vec2 stretch) { vec2 d = (ground - from) / stretch; return exp(-dot(d, d)); }
void main() {
  float feet = strength.x * spot(left, vec2(0.8, 1.25) * reach) + strength.y * spot(right, vec2(0.8, 1.25) * reach);
  float body = spot((left + right) * 0.5, vec2(2.4, 1.8) * reach);
  gl_FragColor = vec4(0.03, 0.02, 0.08, min(${DARKEST.toFixed(2)} * feet + ${AROUND.toFixed(2)} * body, 0.6));
}`;

const leftFoot = new Vector3();
const rightFoot = new Vector3();

/** The soft shadow under one avatar's feet: two spots that follow them and one round both, with nothing rendered beforehand. */
export class Shadow {
  readonly object: Mesh<PlaneGeometry, ShaderMaterial>;

  constructor() {
    const uniforms = {
      size: { value: 1 },
      reach: { value: REACH },
      left: { value: new Vector2() },
      right: { value: new Vector2() },
      strength: { value: new Vector2() },
    };
    const material = new ShaderMaterial({ uniforms, vertexShader: VERTEX, fragmentShader: FRAGMENT, transparent: true, depthWrite: false });
    this.object = new Mesh(new PlaneGeometry(), material);
    this.object.rotation.x = -Math.PI / 2;
    // Just above the floor, so that an avatar that stands on one hides nothing of it.
    this.object.position.y = 0.001;
    this.object.renderOrder = -1;
    this.object.frustumCulled = false;
  }

  /** Goes where the feet are now. */
  follow(avatar: Avatar): void {
    const shown = avatar.feet?.(leftFoot, rightFoot) ?? false;
    this.object.visible = shown;
    if (!shown) return;
    const scale = avatar.figure.top / USUAL_TOP;
    const { uniforms } = this.object.material;
    const [x, z] = [(leftFoot.x + rightFoot.x) / 2, (leftFoot.z + rightFoot.z) / 2];
    this.object.position.x = x;
    this.object.position.z = z;
    uniforms['size']!.value = SIZE * scale;
    uniforms['reach']!.value = REACH * scale;
    // The plane's own y points away from the camera.
    (uniforms['left']!.value as Vector2).set(leftFoot.x - x, z - leftFoot.z);
    (uniforms['right']!.value as Vector2).set(rightFoot.x - x, z - rightFoot.z);
    (uniforms['strength']!.value as Vector2).set(fade(leftFoot.y, scale), fade(rightFoot.y, scale));
  }

  dispose(): void {
    this.object.removeFromParent();
    this.object.geometry.dispose();
    this.object.material.dispose();
  }
}

/** How strong the shadow of a foot is, its joint being this high. */
function fade(height: number, scale: number): number {
  return 1 / (1 + Math.max(height / scale - HEIGHT, 0) / HEIGHT);
}
