"""A residual network as a graph of operations."""

from collections.abc import Sequence

from tensorboard.compat.proto import (
    attr_value_pb2,
    graph_pb2,
    node_def_pb2,
    types_pb2,
    versions_pb2,
)

_CONVOLUTIONS = 3
_STAGES = ((1, 3), (2, 4), (3, 6), (4, 3))


class _Graph:
    """Collects the operations of one network; each method returns the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[node_def_pb2.NodeDef] = []

    def node(self, name: str, kind: str, *inputs: str, device: str = "/device:GPU:0") -> str:
        attributes = {"T": attr_value_pb2.AttrValue(type=types_pb2.DT_FLOAT)}
        self.nodes.append(
            node_def_pb2.NodeDef(name=name, op=kind, input=inputs, attr=attributes, device=device)
        )
        return name

    def convolution(self, scope: str, before: str) -> str:
        kernel = self.node(f"{scope}/kernel", "VarHandleOp")
        read = self.node(f"{scope}/kernel/Read", "ReadVariableOp", kernel)
        return self.node(f"{scope}/Conv2D", "Conv2D", before, read)

    def normalised(self, scope: str, before: str) -> str:
        convolved = self.convolution(scope, before)
        numbers = [
            self.node(f"{scope}/batch_norm/{name}", "VarHandleOp")
            for name in ("gamma", "beta", "moving_mean", "moving_variance")
        ]
        return self.node(
            f"{scope}/batch_norm/FusedBatchNormV3", "FusedBatchNormV3", convolved, *numbers
        )

    def block(self, scope: str, before: str) -> str:
        """Convolutions beside a shortcut."""
        inner = before
        for number in range(1, _CONVOLUTIONS + 1):
            inner = self.normalised(f"{scope}/conv{number}", inner)
            if number < _CONVOLUTIONS:  # the last one is rectified after the sum
                inner = self.node(f"{scope}/conv{number}/Relu", "Relu", inner)
        total = self.node(f"{scope}/add", "AddV2", inner, before)
        return self.node(f"{scope}/Relu", "Relu", total)

    def dense(self, scope: str, before: str) -> str:
        weights = self.node(f"{scope}/kernel", "VarHandleOp")
        bias = self.node(f"{scope}/bias", "VarHandleOp")
        product = self.node(f"{scope}/MatMul", "MatMul", before, weights)
        return self.node(f"{scope}/BiasAdd", "BiasAdd", product, bias)


def residual_network() -> bytes:
    """Return ResNet-50 with its loss and optimizer as a serialised GraphDef."""
    graph = _Graph()
    images = graph.node("images", "Placeholder", device="/device:CPU:0")
    labels = graph.node("labels", "Placeholder", device="/device:CPU:0")
    features = graph.normalised("resnet50/stem", images)
    features = graph.node("resnet50/stem/MaxPool", "MaxPool", features)
    for stage, count in _STAGES:
        features = _stage(graph, f"resnet50/stage{stage}", count, features)
    pooled = graph.node("resnet50/head/Mean", "Mean", features)
    logits = graph.dense("resnet50/head/logits", pooled)
    loss = graph.node("loss/SoftmaxCrossEntropy", "SoftmaxCrossEntropyWithLogits", logits, labels)
    gradients = graph.node("train/gradients", "SymbolicGradient", loss)
    rate = graph.node("train/learning_rate", "VarHandleOp")
    graph.node("train/ApplyMomentum", "ResourceApplyMomentum", rate, gradients)
    return _serialised(graph.nodes)


def _stage(graph: _Graph, scope: str, count: int, features: str) -> str:
    for number in range(1, count + 1):
        features = graph.block(f"{scope}/block{number}", features)
    return features


def _serialised(nodes: Sequence[node_def_pb2.NodeDef]) -> bytes:
    versions = versions_pb2.VersionDef(producer=1882)
    graph = graph_pb2.GraphDef(node=nodes, versions=versions)
    content: bytes = graph.SerializeToString()
    return content
