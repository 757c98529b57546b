"""Linear-chain conditional random field over tag scores, batch first."""

import torch
from torch import nn


class Crf(nn.Module):
    """Start, end and transition scores; row of `transitions` = from, column = to."""

    def __init__(self, labels: int):
        super().__init__()
        self.start_transitions = nn.Parameter(torch.empty(labels).uniform_(-0.1, 0.1))
        self.end_transitions = nn.Parameter(torch.empty(labels).uniform_(-0.1, 0.1))
        self.transitions = nn.Parameter(torch.empty(labels, labels).uniform_(-0.1, 0.1))

    def loss(self, emissions: torch.Tensor, tags: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Mean negative log-likelihood of `tags` [B,L] per row; `mask` is 1 on real tokens, which come first."""
        return (self.log_partition(emissions, mask) - self.path_score(emissions, tags, mask)).mean()

    def path_score(self, emissions: torch.Tensor, tags: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Score [B] of one given path per row."""
        keep = mask.to(emissions.dtype)
        local = emissions.gather(2, tags.unsqueeze(2)).squeeze(2) * keep
        steps = self.transitions[tags[:, :-1], tags[:, 1:]] * keep[:, 1:]
        last = tags.gather(1, (mask.sum(1, keepdim=True) - 1).long()).squeeze(1)
        return local.sum(1) + steps.sum(1) + self.start_transitions[tags[:, 0]] + self.end_transitions[last]

    def log_partition(self, emissions: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Log of the summed exponentiated scores of all paths [B]."""
        score = self.start_transitions + emissions[:, 0]
        for t in range(1, emissions.shape[1]):
            step = torch.logsumexp(score.unsqueeze(2) + self.transitions, dim=1) + emissions[:, t]
            score = torch.where(mask[:, t : t + 1].bool(), step, score)
        return torch.logsumexp(score + self.end_transitions, dim=1)


def viterbi(emissions, start, end, transitions) -> list[int]:
    """Best path of one row; `emissions` is a NumPy array [length, labels]."""
    score = start + emissions[0]
    back = []
    for row in emissions[1:]:
        table = score[:, None] + transitions
        back.append(table.argmax(0))
        score = table.max(0) + row
    path = [int((score + end).argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]
