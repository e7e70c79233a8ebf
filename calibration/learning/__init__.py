"""Makes vtuber/acting.npz, what the acting is read with, from rendered heads. Three steps, each a command:

    python -m calibration.learning.render RENDERER PICTURES    random heads with their truth (hours of CPU time)
    python -m calibration.learning.measure PICTURES SEEN       what the tracker sees of them, and in the mirror
    python -m calibration.learning.learn SEEN NETWORK          what is read of that

The one that is shipped learned from three others:

    python -m calibration.learning.learn SEEN T0 --seed 0 --epochs 22    and T1, T2 so
    python -m calibration.learning.learn SEEN vtuber/acting.npz --seed 5 --epochs 48 --teachers T0 T1 T2

It needs, beside this project, the renderer's packages (moderngl) and torch. Pictures and meshes are not part of this
project; the weights learned from them are its own.
"""
