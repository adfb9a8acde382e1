"""One network on one sample: forward and backward passes kept, and what a direction adds to them."""

from __future__ import annotations

from gamedyn.backend import Array, array_namespace
from gamedyn.nn import Dense, LeakyReLU, Network, ReLU, Sigmoid, SiLU, Softplus, Tanh

__all__ = ["KeptPass", "is_plain"]

_ACTIVATIONS = (Tanh, Softplus, ReLU, LeakyReLU, SiLU, Sigmoid)

_Moved = list[tuple[Array | None, Array]]


def is_plain(network: Network) -> bool:
    """Whether dense layers with biases alternate with known activations, a dense one first and last."""
    dense, between = network.layers[::2], network.layers[1::2]
    return (
        len(dense) == len(between) + 1
        and all(type(layer) is Dense and layer.bias for layer in dense)
        and all(type(layer) in _ACTIVATIONS for layer in between)
    )


class KeptPass:
    """y = f(theta, x), the cotangents of all layers for y_bar, and their tangents along v.

    Layer l maps x_l to a_l = x_l W_l + b_l and x_{l + 1} = h(a_l). Backwards, alpha_l is the cotangent of a_l:
    alpha_{l - 1} = h'(a_{l - 1}) (alpha_l W_l^T). A direction moves weights by V_l and may move x and y_bar.

    Parameters
    ----------
    network : Network
        One that `is_plain`.
    theta : array, shape (..., P)
    x : array, shape (..., batch, features)
    y_bar : array, shape (..., batch, outputs), optional
        Ones where None.
    """

    def __init__(self, network: Network, theta: Array, x: Array, y_bar: Array | None = None) -> None:
        self.xp = xp = array_namespace(theta, x)
        self.layers = [layer for layer in network.layers if isinstance(layer, Dense)]
        self.weights = [matrix[..., :-1, :] for matrix in self.matrices(theta)]
        self.turned = [xp.matrix_transpose(weight) for weight in self.weights]
        self.inputs: list[Array] = []
        self.extended: list[Array] = []
        self.slopes: list[Array] = []
        curvatures = []
        for layer, matrix in enumerate(self.matrices(theta)):
            self.inputs.append(x)
            # A column of ones multiplies the row of biases below the weights.
            self.extended.append(xp.concat([x, xp.ones_like(x[..., :1])], axis=-1))
            y = self.extended[-1] @ matrix
            if layer < len(self.layers) - 1:
                activation, ones = network.layers[2 * layer + 1], xp.ones_like(y)
                x, tape = activation.forward((), y)
                slope, tape_dot = activation.jvp((), tape, ones, ())
                self.slopes.append(slope)
                still = xp.zeros_like(y)
                curvatures.append(activation.backward_jvp((), tape, tape_dot, ones, still, ())[0])
        self.output = y
        alpha = xp.ones_like(y) if y_bar is None else y_bar
        self.alphas = [alpha]
        self.bends: list[Array] = []
        for layer in range(len(self.layers) - 1, 0, -1):
            bar = alpha @ self.turned[layer]
            alpha = self.slopes[layer - 1] * bar
            self.alphas.insert(0, alpha)
            self.bends.insert(0, curvatures[layer - 1] * bar)
        self.x_bar = alpha @ self.turned[0]

    def matrices(self, v: Array) -> list[Array]:
        """Layer -> (..., inputs + 1, outputs), the biases below the weights, read off v (..., P)."""
        found, start = [], 0
        for layer in self.layers:
            size = (layer.inputs + 1) * layer.outputs
            shape = (*v.shape[:-1], layer.inputs + 1, layer.outputs)
            found.append(self.xp.reshape(v[..., start : start + size], shape))
            start += size
        return found

    def scaled(self, scale: Array) -> list[Array]:
        """The alphas times scale (..., batch, 1)."""
        return [scale * alpha for alpha in self.alphas]

    def forward(
        self, steps: list[Array], x_dot: Array | None = None, scale: Array | None = None
    ) -> tuple[Array, _Moved, Array | None]:
        """(y_dot, the layers' (x_dot, a_dot), part): the tangents of the forward pass.

        With a `scale` (..., batch, 1) the part of the weights enters times it; `part` is then what that part adds to
        y_bar . y_dot before scaling, (..., batch, 1).
        """
        xp, moved, part = self.xp, [], None
        for layer, step in enumerate(steps):
            a_dot = self.extended[layer] @ step
            if scale is not None:
                new = xp.sum(self.alphas[layer] * a_dot, axis=-1, keepdims=True)
                part = new if part is None else part + new
                a_dot = scale * a_dot
            if x_dot is not None:
                a_dot += x_dot @ self.weights[layer]
            moved.append((x_dot, a_dot))
            if layer < len(steps) - 1:
                x_dot = self.slopes[layer] * a_dot
        return a_dot, moved, part

    def backward(
        self, steps: list[Array], moved: _Moved, y_bar_dot: Array, alphas: list[Array] | None = None
    ) -> list[Array]:
        """The tangents of the alphas; `alphas`, if given, are those that the moved weights act on."""
        alphas = self.alphas if alphas is None else alphas
        found = [y_bar_dot]
        for layer in range(len(steps) - 1, 0, -1):
            bar_dot = self._back(layer, found[0], alphas, steps)
            bar_dot *= self.slopes[layer - 1]
            bar_dot += self.bends[layer - 1] * moved[layer - 1][1]
            found.insert(0, bar_dot)
        return found

    def x_bar_dot(self, steps: list[Array], alphas_dot: list[Array], alphas: list[Array] | None = None) -> Array:
        """The tangent of the cotangent of x, (..., batch, features)."""
        return self._back(0, alphas_dot[0], self.alphas if alphas is None else alphas, steps)

    def parameters(self, moved: _Moved, alphas_dot: list[Array], alphas: list[Array] | None = None) -> Array:
        """The tangent of the cotangent of theta, (..., P)."""
        xp, parts = self.xp, []
        alphas = self.alphas if alphas is None else alphas
        for x, (x_dot, _), alpha, alpha_dot in zip(self.inputs, moved, alphas, alphas_dot, strict=True):
            weight = xp.matrix_transpose(x) @ alpha_dot
            if x_dot is not None:
                weight += xp.matrix_transpose(x_dot) @ alpha
            size = weight.shape[-2] * weight.shape[-1]
            parts += [xp.reshape(weight, (*weight.shape[:-2], size)), xp.sum(alpha_dot, axis=-2)]
        return xp.concat(parts, axis=-1)

    def _back(self, layer: int, alpha_dot: Array, alphas: list[Array], steps: list[Array]) -> Array:
        bar_dot = alpha_dot @ self.turned[layer]
        bar_dot += alphas[layer] @ self.xp.matrix_transpose(steps[layer][..., :-1, :])
        return bar_dot
