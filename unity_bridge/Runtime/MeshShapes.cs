using System.Collections.Generic;
using UnityEngine;

namespace VTuberBridge
{
    /// <summary>The blendshapes of all meshes of an avatar, as one list.</summary>
    internal sealed class MeshShapes
    {
        private struct Shape
        {
            public SkinnedMeshRenderer Mesh;
            public int Index;
            public float Full;
        }

        private readonly List<Shape> shapes = new List<Shape>();
        private readonly List<string> names = new List<string>();

        public MeshShapes(GameObject avatar)
        {
            foreach (var renderer in avatar.GetComponentsInChildren<SkinnedMeshRenderer>(true))
            {
                var mesh = renderer.sharedMesh;
                if (mesh == null) continue;
                for (var i = 0; i < mesh.blendShapeCount; i++)
                {
                    // 100 as a rule, but some importers make it 1.
                    var full = mesh.GetBlendShapeFrameWeight(i, mesh.GetBlendShapeFrameCount(i) - 1);
                    shapes.Add(new Shape { Mesh = renderer, Index = i, Full = full });
                    names.Add(mesh.GetBlendShapeName(i));
                }
            }
        }

        public IReadOnlyList<string> Names => names;

        /// <summary>Sets a shape by its place in Names, 0..1.</summary>
        public void Set(int index, float weight)
        {
            var shape = shapes[index];
            if (shape.Mesh != null) shape.Mesh.SetBlendShapeWeight(shape.Index, weight * shape.Full);
        }
    }
}
