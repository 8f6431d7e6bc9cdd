"""Prints where each pixel of a 48x36 sensor is seen without radial-tangential distortion,
found by Newton's method with NumPy: rows of x and y as JSON, for the camera in the
arguments: fx fy cx cy k1 k2 p1 p2 k3."""
import json
import sys

try:
    import numpy as np
except ImportError:
    print("no numpy")
    sys.exit(0)

fx, fy, cx, cy, k1, k2, p1, p2, k3 = map(float, sys.argv[1:])


def distort(q):
    x, y = q
    r2 = x * x + y * y
    radial = 1 + k1 * r2 + k2 * r2**2 + k3 * r2**3
    return np.array([x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x), y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y])


out = []
for v in range(36):
    for u in range(48):
        want = np.array([(u - cx) / fx, (v - cy) / fy])
        q = want.copy()
        for _ in range(50):
            step = 1e-7
            jacobian = np.stack([(distort(q + d) - distort(q - d)) / (2 * step) for d in np.eye(2) * step], 1)
            q = q - np.linalg.solve(jacobian, distort(q) - want)
        out.append([fx * q[0] + cx, fy * q[1] + cy])
print(json.dumps(out))
