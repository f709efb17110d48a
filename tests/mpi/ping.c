// ping.c: what a network gives MPI, to be compared with what netns.sh was asked for. Half the time
// that a message takes there and back between ranks 0 and 1, and the time of an all-reduce of all.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static double ping(void *data, int size, int rank, int times)
{
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    for (int i = 0; i < times; i++) {
        if (rank == 0)
            MPI_Send(data, size, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
        if (rank < 2)
            MPI_Recv(data, size, MPI_BYTE, !rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (rank == 1)
            MPI_Send(data, size, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
    }
    return (MPI_Wtime() - start) / times / 2;
}

static double reduce(float *data, int size, int times)
{
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    for (int i = 0; i < times; i++)
        MPI_Allreduce(MPI_IN_PLACE, data, size / 4, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    return (MPI_Wtime() - start) / times;
}

int main(int argc, char **argv)
{
    static const int sizes[] = {4, 4096, 65536, 1 << 20, 16 << 20};
    int rank, ranks;
    float *data = calloc(1, 16 << 20);
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (!data || ranks < 2)
        MPI_Abort(MPI_COMM_WORLD, 1);
    if (rank == 0)
        printf("%10s %12s %12s %15s\n", "bytes", "one way us", "Mbit/s", "all-reduce us");
    for (int i = 0; i < 5; i++) {
        int times = sizes[i] > 100000 ? 8 : 200;
        ping(data, sizes[i], rank, 2);
        double one = ping(data, sizes[i], rank, times);
        reduce(data, sizes[i], 2);
        double all = reduce(data, sizes[i], times / 2);
        if (rank == 0)
            printf("%10d %12.1f %12.1f %15.1f\n", sizes[i], one * 1e6, sizes[i] * 8e-6 / one,
                   all * 1e6);
    }
    MPI_Finalize();
    free(data);
    return 0;
}
