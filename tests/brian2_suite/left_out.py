"""Brian2's tests that are not run on the device `dense_standalone`, each with its reason."""

OPENMP = "asks for OpenMP; the device runs one thread"

LEFT_OUT = {
    "test_cpp_standalone.py::test_openmp_consistency": OPENMP,
    "test_cpp_standalone.py::test_openmp_scalar_writes": OPENMP,
}
