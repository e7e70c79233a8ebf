import { BackSide, Color, DoubleSide, FrontSide, type Material, MeshBasicMaterial, ShaderMaterial, SRGBColorSpace, type Texture, UniformsLib, UniformsUtils, Vector4 } from 'three';
import type { Quality } from '../../options';
import { MaterialFlag, type PmxMaterial, type PmxMaterialOffset, SphereMode } from './pmx';
import { OUTLINE_FRAGMENT, OUTLINE_VERTEX, SURFACE_FRAGMENT, SURFACE_VERTEX } from './shaders';

/** MMD's lamp at its usual setting, 154 of 255: what of the diffuse colour arrives. */
const LAMP = 154 / 255;
/** An outline of size 1, metres. */
const EDGE = 0.0013;

export interface MaterialTextures {
  picture: Texture | null;
  /** Whether the picture has holes where the material shows it. */
  holes: boolean;
  ramp: Texture;
  sphere: Texture | null;
}

/** What morphs can change of a material. */
interface Look {
  diffuse: Vector4;
  ambient: Vector4;
  edgeColour: Vector4;
  edgeSize: number;
}

/** One material of the file: that of its surface, and that of its outline where it has one. */
export class MmdMaterial {
  readonly surface: Material;
  readonly outline: ShaderMaterial | null;
  private readonly look: Look;
  private readonly base = new Vector4();

  /** @param spherical Whether some of the model hangs spherically on its bones; with low quality that is passed over */
  constructor(
    private readonly pmx: PmxMaterial,
    private readonly textures: MaterialTextures,
    quality: Quality,
    spherical: boolean,
  ) {
    this.look = lookOf(pmx);
    const defines = spherical ? { SPHERICAL: 1 } : {};
    this.surface = quality === 'low' ? this.makeUnlit() : this.makeToon(defines);
    this.surface.name = pmx.name;
    this.surface.side = pmx.flags & MaterialFlag.BothSides ? DoubleSide : FrontSide;
    const edged = quality !== 'low' && (pmx.flags & MaterialFlag.Edge) !== 0 && pmx.edgeSize > 0;
    this.outline = edged ? makeOutline(this.look, defines) : null;
    this.show();
  }

  /** As the file says. */
  reset(): void {
    const { diffuse, ambient, edgeColour, edgeSize } = lookOf(this.pmx);
    this.look.diffuse.copy(diffuse);
    this.look.ambient.copy(ambient);
    this.look.edgeColour.copy(edgeColour);
    this.look.edgeSize = edgeSize;
  }

  /** What a morph makes of it; seen after {@link show}. */
  change(offset: PmxMaterialOffset, weight: number): void {
    const ambient = [...offset.ambient, offset.multiply ? 1 : 0] as const;
    mix(this.look.diffuse, offset.diffuse, offset.multiply, weight);
    mix(this.look.ambient, ambient, offset.multiply, weight);
    mix(this.look.edgeColour, offset.edgeColour, offset.multiply, weight);
    this.look.edgeSize = offset.multiply ? this.look.edgeSize * (1 + (offset.edgeSize - 1) * weight) : this.look.edgeSize + offset.edgeSize * weight;
  }

  show(): void {
    const { diffuse, ambient, edgeColour, edgeSize } = this.look;
    this.base.copy(diffuse).multiplyScalar(LAMP).add(ambient).clampScalar(0, 1);
    this.base.w = Math.min(Math.max(diffuse.w, 0), 1);
    this.surface.visible = this.base.w > 0;
    this.surface.transparent = this.base.w < 1 || this.textures.holes;
    if (this.surface instanceof MeshBasicMaterial) {
      this.surface.color.setRGB(this.base.x, this.base.y, this.base.z, SRGBColorSpace);
      this.surface.opacity = this.base.w;
    }
    if (this.outline === null) return;
    (this.outline.uniforms['colour']!.value as Vector4).copy(edgeColour).setW(edgeColour.w * this.base.w);
    this.outline.uniforms['width']!.value = edgeSize * EDGE;
    this.outline.transparent = edgeColour.w * this.base.w < 1;
    this.outline.visible = this.surface.visible;
  }

  dispose(): void {
    this.surface.dispose();
    this.outline?.dispose();
  }

  private makeUnlit(): Material {
    return new MeshBasicMaterial({ map: this.textures.picture, color: new Color(), alphaTest: 0.004 });
  }

  private makeToon(skin: Readonly<Record<string, unknown>>): Material {
    const { picture, ramp, sphere } = this.textures;
    const { specular, shininess, sphereMode } = this.pmx;
    const defines: Record<string, unknown> = { ...skin };
    if (picture !== null) defines['PICTURE'] = 1;
    if (sphere !== null && (sphereMode === SphereMode.Multiply || sphereMode === SphereMode.Add)) defines['SPHERE'] = sphereMode;
    const uniforms = UniformsUtils.merge([UniformsLib.lights]);
    uniforms['base'] = { value: this.base };
    uniforms['shine'] = { value: new Color(...specular) };
    uniforms['shininess'] = { value: specular.some((part) => part > 0) ? shininess : 0 };
    uniforms['picture'] = { value: picture };
    uniforms['ramp'] = { value: ramp };
    uniforms['sphere'] = { value: sphere };
    return new ShaderMaterial({ vertexShader: SURFACE_VERTEX, fragmentShader: SURFACE_FRAGMENT, defines, uniforms, lights: true });
  }
}

function lookOf({ diffuse, ambient, edgeColour, edgeSize }: PmxMaterial): Look {
  return { diffuse: new Vector4(...diffuse), ambient: new Vector4(...ambient, 1), edgeColour: new Vector4(...edgeColour), edgeSize };
}

function makeOutline(look: Look, defines: Record<string, unknown>): ShaderMaterial {
  const uniforms = { colour: { value: look.edgeColour.clone() }, width: { value: 0 } };
  return new ShaderMaterial({ vertexShader: OUTLINE_VERTEX, fragmentShader: OUTLINE_FRAGMENT, uniforms, defines: { ...defines }, side: BackSide });
}

function mix(target: Vector4, by: readonly number[], multiply: boolean, weight: number): void {
  const next = target.toArray().map((value, i) => (multiply ? value * (1 + (by[i]! - 1) * weight) : value + by[i]! * weight));
  target.fromArray(next);
}
