/**
 * Bones carry the skin as in three.js, but for what hangs spherically on two bones (SDEF): that is turned about its centre by
 * the turn between those of its bones, so that a bent or twisted limb keeps its girth.
 */
const SKIN_DECLARED = /* glsl */ `
#include <skinning_pars_vertex>
#ifdef SPHERICAL
attribute vec4 sphereCentre;
attribute vec3 sphereFirst;
attribute vec3 sphereSecond;

float signOf(float value) {
  return value < 0.0 ? -1.0 : 1.0;
}

vec4 turnOf(mat4 m) {
  vec4 q = 0.5 * sqrt(max(vec4(
    1.0 + m[0][0] - m[1][1] - m[2][2],
    1.0 - m[0][0] + m[1][1] - m[2][2],
    1.0 - m[0][0] - m[1][1] + m[2][2],
    1.0 + m[0][0] + m[1][1] + m[2][2]), 0.0));
  return q * vec4(signOf(m[1][2] - m[2][1]), signOf(m[2][0] - m[0][2]), signOf(m[0][1] - m[1][0]), 1.0);
}

/** The turn between two, nearer to the second by its weight. */
vec4 between(vec4 one, vec4 other, float weight) {
  return normalize(one * (1.0 - weight) + other * weight * signOf(dot(one, other)));
}

vec3 turned(vec4 q, vec3 v) {
  return v + 2.0 * cross(q.xyz, cross(q.xyz, v) + q.w * v);
}
#endif
`;

const SKIN = /* glsl */ `
  #include <beginnormal_vertex>
  #include <skinbase_vertex>
  #ifdef SPHERICAL
    vec3 restNormal = objectNormal;
  #endif
  #include <skinnormal_vertex>
  #include <begin_vertex>
  #include <skinning_vertex>
  #ifdef SPHERICAL
    if (sphereCentre.w > 0.5) {
      vec4 turn = between(turnOf(boneMatX), turnOf(boneMatY), skinWeight.y);
      vec3 bound = (bindMatrix * vec4(position, 1.0)).xyz - sphereCentre.xyz;
      vec4 carried = boneMatX * vec4(sphereFirst, 1.0) * skinWeight.x + boneMatY * vec4(sphereSecond, 1.0) * skinWeight.y;
      transformed = (bindMatrixInverse * vec4(turned(turn, bound) + carried.xyz, 1.0)).xyz;
      objectNormal = (bindMatrixInverse * vec4(turned(turn, restNormal), 0.0)).xyz;
    }
  #endif
  #include <defaultnormal_vertex>
`;

/**
 * How MMD paints, in the colours of its pictures (not in light): (diffuse + ambient) x texture x or + sphere x toon ramp.
 * The scene's lights then weigh it: the first lamp by the toon ramp, further ones as on any dull surface.
 */
export const SURFACE_VERTEX = /* glsl */ `
varying vec3 vNormalView;
varying vec3 vView;
varying vec2 vPlace;
#include <common>
${SKIN_DECLARED}
void main() {
${SKIN}
  #include <project_vertex>
  vNormalView = transformedNormal;
  vView = -mvPosition.xyz;
  vPlace = uv;
}
`;

export const SURFACE_FRAGMENT = /* glsl */ `
uniform vec4 base;
uniform vec3 shine;
uniform float shininess;
uniform sampler2D picture;
uniform sampler2D ramp;
uniform sampler2D sphere;
varying vec3 vNormalView;
varying vec3 vView;
varying vec2 vPlace;
#include <common>
#include <lights_pars_begin>

vec3 light(vec3 colour) {
  return mix(pow(colour * 0.9478672986 + 0.0521327014, vec3(2.4)), colour * 0.0773993808, vec3(lessThanEqual(colour, vec3(0.04045))));
}

void main() {
  vec4 colour = base;
  #ifdef PICTURE
    colour *= texture2D(picture, vPlace);
  #endif
  if (colour.a < 0.004) discard;
  vec3 normal = normalize(vNormalView);
  #ifdef DOUBLE_SIDED
    if (!gl_FrontFacing) normal = -normal;
  #endif
  #ifdef SPHERE
    vec4 reflected = texture2D(sphere, normal.xy * vec2(0.5, -0.5) + 0.5);
    #if SPHERE == 1
      colour.rgb *= reflected.rgb;
    #else
      colour.rgb = min(colour.rgb + reflected.rgb, 1.0);
    #endif
  #endif
  vec3 plain = light(colour.rgb);
  vec3 result = plain * ambientLightColor;
  #if NUM_DIR_LIGHTS > 0
    vec3 toKey = directionalLights[0].direction;
    vec3 shaded = light(colour.rgb * texture2D(ramp, vec2(0.5, 0.5 - 0.5 * dot(normal, toKey))).rgb);
    float gloss = shininess > 0.0 ? pow(saturate(dot(normal, normalize(toKey + normalize(vView)))), shininess) : 0.0;
    result += (shaded + light(shine) * gloss) * directionalLights[0].color;
    for (int i = 1; i < NUM_DIR_LIGHTS; i++) {
      result += plain * saturate(dot(normal, directionalLights[i].direction)) * directionalLights[i].color;
    }
  #endif
  gl_FragColor = vec4(result * RECIPROCAL_PI, colour.a);
  #include <colorspace_fragment>
}
`;

/** The surface pushed out along its normals and seen from inside: only its rim shows. */
export const OUTLINE_VERTEX = /* glsl */ `
attribute float edge;
uniform float width;
#include <common>
${SKIN_DECLARED}
void main() {
${SKIN}
  vec4 mvPosition = modelViewMatrix * vec4(transformed, 1.0);
  mvPosition.xyz += normalize(transformedNormal) * width * edge;
  gl_Position = projectionMatrix * mvPosition;
}
`;

export const OUTLINE_FRAGMENT = /* glsl */ `
uniform vec4 colour;
#include <common>
void main() {
  if (colour.a < 0.004) discard;
  gl_FragColor = vec4(pow(colour.rgb, vec3(2.2)), colour.a);
  #include <colorspace_fragment>
}
`;
