#include "dense/poisson_drive.hpp"
#include <stdexcept>
#include "dense/arithmetic.hpp"
#include "dense/run.hpp"

namespace dense {

void PoissonDrive::start() {
    if (seeding == run_seedings()) return;  // an earlier run of the same program goes on
    if (!seeding) {
        explicit_spikes = arguments.has(name + ".spikes");
        listed = arguments.array<int64_t>(name + ".spikes");
    }
    seeding = run_seedings();
    random.start(stream(run_seed(), (name + ".spikes").c_str()));
    q = -1;  // draw the first gap anew
}

// 1, 2, ... with P(gap > k) = (1 - q)^k.
int64_t PoissonDrive::gap() {
    const double skipped = logarithm(random.next()) / log_rest;
    return skipped < 4e18 ? 1 + (int64_t)skipped : INT64_MAX / 2;  // q = 0: never
}

int32_t PoissonDrive::fire(int32_t *spikes, int32_t n, double probability, int64_t step) {
    int32_t count = 0;
    if (explicit_spikes) {
        for (; next_listed < listed.size() && listed[next_listed + 1] == step; next_listed += 2) {
            const int64_t source = listed[next_listed];
            if (source < 0 || source >= n || count == n)
                throw std::runtime_error(name + ".spikes must name existing trains, once per step");
            spikes[count++] = source;
        }
        return count;
    }
    if (probability != q) {  // at the first step, and whenever the rate was changed
        if (!(probability >= 0 && probability <= 1))
            throw std::runtime_error(name + ".rate must lie in [0, 1/dt], got rate*dt = " +
                                     std::to_string(probability));
        q = probability, log_rest = logarithm_of_rest(q);
        ahead = gap() - 1;
    }
    for (; ahead < n; ahead += gap()) spikes[count++] = ahead;
    ahead -= n;
    return count;
}

}  // namespace dense
