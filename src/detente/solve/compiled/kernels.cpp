// All kernels in one unit, compiled once for each family of processors: VARIANT is its name, as the build says.
#include "../certificate/audit.cpp"
#include "../derivatives/adjoint.cpp"
#include "../quantal/kernels.cpp"
#include "../sequence_form/regret.cpp"
