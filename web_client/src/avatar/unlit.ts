import { MToonMaterialLoaderPlugin } from '@pixiv/three-vrm';
import { type Material, MeshBasicMaterial } from 'three';

/** What GLTFLoader prepares for lit materials and an unlit one does not know. */
const LIT_ONLY = ['metalness', 'roughness'];

interface MaterialDefinition {
  pbrMetallicRoughness?: { metallicRoughnessTexture?: unknown };
}

/** Gives every material its plain colour and texture, without light and outlines: a third of the work for the graphics card. */
export class UnlitMaterialPlugin extends MToonMaterialLoaderPlugin {
  override async beforeRoot(): Promise<void> {
    await super.beforeRoot();
    const materials = (this.parser.json as { materials?: MaterialDefinition[] }).materials ?? [];
    for (const { pbrMetallicRoughness } of materials) delete pbrMetallicRoughness?.metallicRoughnessTexture;
  }

  override getMaterialType(): typeof Material {
    return MeshBasicMaterial;
  }

  override async extendMaterialParams(_index: number, params: Record<string, unknown>): Promise<void> {
    for (const key of LIT_ONLY) delete params[key];
  }
}
