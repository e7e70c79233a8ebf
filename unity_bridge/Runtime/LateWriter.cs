using UnityEngine;

namespace VTuberBridge
{
    /// <summary>
    /// Gives an Avatar Driver a second turn in the same picture, when UniVRM (execution order 11000) has set eyes and meshes
    /// to what it thinks right. The driver adds it by itself.
    /// </summary>
    [AddComponentMenu("")]
    [DefaultExecutionOrder(20000)]
    internal sealed class LateWriter : MonoBehaviour
    {
        internal AvatarDriver Driver;

        private void LateUpdate()
        {
            if (Driver != null) Driver.WriteLate();
        }
    }
}
