"""The paper's experiments on the paper's data layout: what its repository trains, tests and writes, behind `training.run`."""
