"""Linear-chain conditional random field over tag scores, batch first."""

import torch
from torch import nn

# Log of what is impossible; finite, so that sums and gradients stay numbers.
NEVER = -1e4
# Smallest factor kept in a product of matrices: its logarithm is far below any score that counts.
TINY = 1e-37


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

    def partial_loss(self, emissions: torch.Tensor, allowed: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Mean negative log-likelihood of all paths together that stay within `allowed` [B,L,labels]."""
        both = torch.cat([emissions, emissions.masked_fill(~allowed, NEVER)])
        free, bound = self.log_partition(both, torch.cat([mask, mask])).chunk(2)
        return (free - bound).mean()

    def soft_loss(self, emissions: torch.Tensor, unary: torch.Tensor, pairs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Mean cross-entropy to a distribution over paths, given by its marginals [B,L,labels] and [B,L-1,labels,labels]."""
        last = unary.gather(1, (mask.sum(1) - 1).view(-1, 1, 1).expand(-1, 1, unary.shape[2])).squeeze(1)
        local = (emissions * unary).sum((1, 2)) + (pairs * self.transitions).sum((1, 2, 3))
        ends = (unary[:, 0] * self.start_transitions).sum(1) + (last * self.end_transitions).sum(1)
        return (self.log_partition(emissions, mask) - local - ends).mean()

    def path_score(self, emissions: torch.Tensor, tags: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Score [B] of one given path per row."""
        keep = mask.to(emissions.dtype)
        local = emissions.gather(2, tags.unsqueeze(2)).squeeze(2) * keep
        steps = self.transitions[tags[:, :-1], tags[:, 1:]] * keep[:, 1:]
        last = tags.gather(1, (mask.sum(1, keepdim=True) - 1).long()).squeeze(1)
        return local.sum(1) + steps.sum(1) + self.start_transitions[tags[:, 0]] + self.end_transitions[last]

    def log_partition(self, emissions: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Log of the summed exponentiated scores of all paths [B].

        The matrices of all steps are multiplied pair by pair, so that a text of L tokens takes log2(L) rounds.
        """
        labels = emissions.shape[2]
        unit = (torch.eye(labels, device=emissions.device) - 1) * -NEVER
        steps = torch.where(mask[:, 1:, None, None].bool(), self.transitions + emissions[:, 1:].unsqueeze(2), unit)
        while steps.shape[1] > 1:
            if steps.shape[1] % 2:
                steps = torch.cat([steps, unit.expand(len(steps), 1, labels, labels)], 1)
            steps = log_product(steps[:, 0::2], steps[:, 1::2])
        first = self.start_transitions + emissions[:, 0]
        whole = steps[:, 0] if steps.shape[1] else unit.expand(len(steps), labels, labels)
        return torch.logsumexp((first.unsqueeze(2) + whole + self.end_transitions).flatten(1), 1)

    @torch.no_grad()
    def marginals(self, emissions: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Probabilities of each label [B,L,labels] and of each pair of neighbours [B,L-1,labels,labels]; 0 on padding."""
        length, keep = emissions.shape[1], mask.bool()
        forward = [self.start_transitions + emissions[:, 0]]
        for t in range(1, length):
            step = torch.logsumexp(forward[-1].unsqueeze(2) + self.transitions, 1) + emissions[:, t]
            forward.append(torch.where(keep[:, t : t + 1], step, forward[-1]))
        total = torch.logsumexp(forward[-1] + self.end_transitions, 1)
        end = self.end_transitions.expand_as(forward[0])
        backward = [end]
        for t in range(length - 2, -1, -1):
            step = torch.logsumexp(self.transitions + (emissions[:, t + 1] + backward[-1]).unsqueeze(1), 2)
            backward.append(torch.where(keep[:, t + 1 : t + 2], step, end))
        before, after = torch.stack(forward, 1), torch.stack(backward[::-1], 1)
        unary = torch.exp(before + after - total[:, None, None]) * keep[:, :, None]
        joint = before[:, :-1].unsqueeze(3) + self.transitions + (emissions[:, 1:] + after[:, 1:]).unsqueeze(2)
        return unary, torch.exp(joint - total[:, None, None, None]) * keep[:, 1:, None, None]


def log_product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Logs of the products of matrices given by their logs."""
    rows, columns = left.amax(-1, keepdim=True), right.amax(-2, keepdim=True)
    return torch.log(torch.matmul(torch.exp(left - rows), torch.exp(right - columns)).clamp_min(TINY)) + rows + columns


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
