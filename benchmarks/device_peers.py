"""The steps of bench_device.py in PyTorch, on any of its devices: module by module, and as one CUDA graph."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy

from benchmarks.training_peers import EPSILON, FIRST, RATE, SECOND, Workload, unflattened

__all__ = ["torch_eager_on", "torch_graph"]

_WARM_UP = 3  # steps before a capture, in which PyTorch makes what it keeps


class _Step:
    """One alternating step of Adam on a non-saturating GAN, on the k-th batch, k a number on the device."""

    def __init__(self, work: Workload, device: str, *, in_graph: bool) -> None:
        import torch

        self.torch, self.softplus = torch, torch.nn.functional.softplus
        kinds = {"ReLU": torch.nn.ReLU, "Tanh": torch.nn.Tanh}
        self.networks = []
        for sizes in work.sizes:
            layers: list[Any] = []
            for inputs, outputs in itertools.pairwise(sizes):
                layers += [torch.nn.Linear(inputs, outputs), kinds[work.activation]()]
            self.networks.append(torch.nn.Sequential(*layers[:-1]).to(device))
        self.own = [list(each.parameters()) for each in self.networks]
        arrays = [a.T.copy() for layers in unflattened(work) for pair in layers for a in pair]
        self.start = [torch.from_numpy(a).to(device) for a in arrays]
        self.rules = [
            torch.optim.Adam(each, lr=RATE, betas=(FIRST, SECOND), eps=EPSILON, fused=True, capturable=in_graph)
            for each in self.own
        ]
        self.real, self.latent = (torch.from_numpy(a).to(device) for a in (work.real, work.latent))
        self.at = torch.zeros(1, dtype=torch.int64, device=device)

    def reset(self) -> None:
        """Back to the start, in the arrays that a graph knows."""
        with self.torch.no_grad():
            for parameter, value in zip(self.own[0] + self.own[1], self.start, strict=True):
                parameter.copy_(value)
            for rule in self.rules:
                for state in rule.state.values():
                    for tensor in state.values():
                        tensor.zero_()
            self.at.zero_()

    def play(self, real: Any, latent: Any) -> None:
        """The step on these samples."""
        generator, critic = self.networks
        n = real.shape[0]
        self._move(0, self.softplus(-critic(generator(latent))).mean())
        with self.torch.no_grad():
            fake = generator(latent)
        s = critic(self.torch.cat([real, fake]))
        self._move(1, self.softplus(-s[:n]).mean() + self.softplus(s[n:]).mean())

    def play_next(self) -> None:
        """The step on the next batch, which the device itself looks up."""
        self.play(self.real.index_select(0, self.at)[0], self.latent.index_select(0, self.at)[0])
        self.at += 1

    def _move(self, player: int, loss: Any) -> None:
        for parameter, gradient in zip(self.own[player], self.torch.autograd.grad(loss, self.own[player]), strict=True):
            parameter.grad = gradient
        self.rules[player].step()

    def point(self) -> numpy.ndarray:
        """All parameters, on the host."""
        return numpy.concatenate([p.detach().cpu().numpy().T.ravel() for p in self.own[0] + self.own[1]])


def torch_eager_on(work: Workload, device: str) -> Callable[[], Any]:
    """Modules, autograd and the fused Adam, on batches that lie on the device."""
    step = _Step(work, device, in_graph=False)

    def play() -> Any:
        step.reset()
        for real, latent in zip(step.real, step.latent, strict=True):
            step.play(real, latent)
        return step.point()

    return play


def torch_graph(work: Workload) -> Callable[[], Any]:
    """The same step captured once and replayed; nothing but the replay is left to the host."""
    import torch

    step = _Step(work, "cuda", in_graph=True)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(min(_WARM_UP, len(step.real))):
            step.play_next()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    step.at.zero_()
    with torch.cuda.graph(graph):
        step.play_next()

    def play() -> Any:
        step.reset()
        for _ in range(len(step.real)):
            graph.replay()
        return step.point()

    return play
