namespace Chasqui.Server.Limits;

/// <summary>
/// The memory that clients may make the server hold. Most of it is limited by counts and sizes; what is not is counted here: the
/// buffers of the TCP connections and what requests hold; the chat connections count what they hold themselves.
/// </summary>
internal sealed class MemoryBudget(IOptions<LimitOptions> options)
{
    private const long Mebibyte = 1024 * 1024;

    private long _requestBytes;

    /// <summary>
    /// All of it, in bytes. The default is half of what the runtime may use, which it reads from the limit of the container; the
    /// other half is for the program, its caches and what is collected later.
    /// </summary>
    public long Bytes { get; } = options.Value.ClientMemoryMiB is > 0 and var setting
        ? setting * Mebibyte
        : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>The buffers of all TCP connections, and what requests hold.</summary>
    public long RequestBytes => Interlocked.Read(ref _requestBytes);

    /// <summary>Whether so little is left that new work is refused.</summary>
    public bool IsShort { get; set; }

    public void Held(int bytes) => Interlocked.Add(ref _requestBytes, bytes);
}

/// <summary>
/// Kestrel's buffers, counted. The framework's pools keep what they once had for minutes: after an attack that would be most of the
/// memory.
/// </summary>
internal sealed class CountedMemoryPoolFactory(MemoryBudget budget) : IMemoryPoolFactory<byte>
{
    private const int BlockBytes = 4096;

    /// <summary>Unused blocks that all pools together keep: 32 MiB.</summary>
    private const int KeptBlocks = 8 * 1024;

    private readonly ConcurrentBag<Pool> _pools = [];

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null)
    {
        var pool = new Pool(budget);
        _pools.Add(pool);
        return pool;
    }

    /// <summary>Lets go of unused blocks: each one keeps a whole region of the heap.</summary>
    public void Trim()
    {
        foreach (var pool in _pools)
        {
            pool.Trim();
        }
    }

    private sealed class Pool(MemoryBudget budget) : MemoryPool<byte>
    {
        /// <summary>Kestrel makes a pool for each processor, and one more.</summary>
        private static readonly int Kept = KeptBlocks / (Environment.ProcessorCount + 1);

        private readonly ConcurrentQueue<Block> _unused = new();

        public override int MaxBufferSize => BlockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
            budget.Held(BlockBytes);
            return _unused.TryDequeue(out var block) ? block : new Block(this);
        }

        public void Trim() => _unused.Clear();

        protected override void Dispose(bool disposing) => Trim();

        private void Return(Block block)
        {
            budget.Held(-BlockBytes);
            if (_unused.Count < Kept)
            {
                _unused.Enqueue(block);
            }
        }

        private sealed class Block(Pool pool) : IMemoryOwner<byte>
        {
            // Pinned, since sockets write from it and read into it.
            public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(
                GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true), 0, BlockBytes);

            public void Dispose() => pool.Return(this);
        }
    }
}
