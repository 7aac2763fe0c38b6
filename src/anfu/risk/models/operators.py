"""What an ONNX model may be made of: operators whose cost follows from the rows and whose answer
from the row. Not among them: loops and branches, chance, texts of any length, anything that joins
rows by design (statistics over a batch), and operators of a vendor's own."""

from __future__ import annotations

from collections.abc import Mapping

PLAIN_DOMAINS = frozenset({"", "ai.onnx"})
ML_DOMAIN = "ai.onnx.ml"
OPSETS = range(7, 24)
ML_OPSETS = range(1, 6)

OPERATORS: Mapping[str, frozenset[str]] = {
    "": frozenset(
        """
        Abs Add And ArgMax ArgMin Cast Ceil Celu Clip Concat Constant Div Elu Equal Erf Exp Flatten
        Floor Gather Gelu Gemm Greater GreaterOrEqual HardSigmoid Identity IsInf IsNaN
        LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max Mean Min Mod Mul Neg
        Not Or PRelu Pow Reciprocal ReduceMax ReduceMean ReduceMin ReduceSum Relu Reshape Round Selu
        Shape Sigmoid Sign Slice Softmax Softplus Softsign Sqrt Squeeze Sub Sum Tanh Transpose
        Unsqueeze Where Xor
        """.split()  # noqa: SIM905 - a list of words reads best as words
    ),
    ML_DOMAIN: frozenset(
        """
        ArrayFeatureExtractor Binarizer FeatureVectorizer Imputer LabelEncoder LinearClassifier
        LinearRegressor Normalizer SVMClassifier SVMRegressor Scaler TreeEnsemble
        TreeEnsembleClassifier TreeEnsembleRegressor
        """.split()  # noqa: SIM905 - a list of words reads best as words
    ),
}
