"""Makes vtuber/acting.npz, what the acting is read with, from rendered heads. Five steps, each a command:

    python -m calibration.learning.render RENDERER PICTURES    random heads with their truth (hours of CPU time)
    python -m calibration.learning.measure PICTURES SEEN       what the tracker sees of them, and in the mirror
    python -m calibration.learning.learn SEEN NETWORK --seed N
    python -m calibration.learning.sides SEEN NETWORK SIDED    left and right told apart
    python -m calibration.learning.together SEEN vtuber/acting.npz SIDED...    one that reads as several do in the mean

It needs, beside this project, the renderer's packages (moderngl) and torch. Pictures and meshes are not part of this
project; the weights learned from them are its own.
"""
