using Chasqui.Server.Configuration;

namespace Chasqui.Server.Storage.Copying;

/// <summary>
/// The rows that are equal in both databases, and the first that differs. The checksum is the SHA-256 of the equal rows, encoded
/// and in the order of their keys.
/// </summary>
internal sealed record Comparison(string Table, long SourceRows, long Rows, object?[]? Last, string Checksum, string? Difference);

/// <summary>
/// Copies everything to a database that is empty or holds the beginning of this copy. Tables are filled in the order of their
/// keys: a copy that was stopped continues after the rows that are there, which are compared first.
/// </summary>
internal sealed class StorageCopy(CopySource source, CopyTarget target, ProgressOutput progress)
{
    private const int MaxRowsPerCommit = 10_000;

    /// <summary>Messages can be long.</summary>
    private const long MaxBytesPerCommit = 8 * 1024 * 1024;

    /// <exception cref="CommandException">The target holds something else, or differs at the end.</exception>
    public async Task<IReadOnlyList<Comparison>> RunAsync(CancellationToken cancellationToken)
    {
        if (!target.HasTables)
        {
            target.Begin();
        }

        // All tables are compared before anything is written.
        var tables = target.Tables();
        var existing = Array.ConvertAll(tables, table => Compare("comparing", table, cancellationToken));
        if (existing.FirstOrDefault(found => found.Difference is not null) is { } wrong)
        {
            throw new CommandException($"The target holds something else: {wrong.Difference}. Name an empty database.");
        }

        target.Begin();
        for (var i = 0; i < tables.Length; i++)
        {
            await CopyAsync(tables[i], existing[i], cancellationToken);
        }

        var copied = Array.ConvertAll(tables, table => Compare("verifying", table, cancellationToken));
        if (copied.FirstOrDefault(found => found.Difference is not null || found.Rows != found.SourceRows) is { } different)
        {
            throw new CommandException("The copy differs from its source: "
                + (different.Difference ?? $"{different.Table} has {different.Rows} rows instead of {different.SourceRows}")
                + ". No server starts with it. Copy again, to an empty database.");
        }

        source.RequireUnchanged();
        target.Finish();
        return copied;
    }

    private async Task CopyAsync(CopiedTable table, Comparison existing, CancellationToken cancellationToken)
    {
        var (done, bytes, batch) = (existing.Rows, 0L, new List<object?[]>());
        progress.Begin($"copying {table.Name}", existing.SourceRows, done);
        foreach (var row in table.Rows(source.Connection, existing.Last))
        {
            batch.Add(row);
            bytes += row.Sum(value => value is byte[] some ? some.Length : sizeof(long));
            if (batch.Count == MaxRowsPerCommit || bytes >= MaxBytesPerCommit)
            {
                await AddAsync();
                progress.Report(done);
            }
        }

        if (batch.Count > 0)
        {
            await AddAsync();
        }

        progress.End(done);
        if (table.IsNumbered && source.LastNumber(table) is var number and > 0)
        {
            target.ContinueAfter(table, number);
        }

        async Task AddAsync()
        {
            cancellationToken.ThrowIfCancellationRequested();
            await target.AddAsync(table, batch, cancellationToken);
            (done, bytes) = (done + batch.Count, 0);
            batch.Clear();
        }
    }

    /// <summary>Reads both databases in parallel, to the last row of the target.</summary>
    private Comparison Compare(string task, CopiedTable table, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using MemoryStream expected = new(), actual = new();
        using var rows = table.Rows(source.Connection).GetEnumerator();
        var (sourceRows, count, last, difference) = (source.Count(table), 0L, (object?[]?)null, (string?)null);
        progress.Begin($"{task} {table.Name}", sourceRows);
        foreach (var row in table.Rows(target.Connection))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!rows.MoveNext() || !Encode(row, actual).SequenceEqual(Encode(rows.Current, expected)))
            {
                var key = row.Take(table.Key).Select(value => value is byte[] bytes ? Convert.ToHexStringLower(bytes) : value);
                difference = string.Create(
                    CultureInfo.InvariantCulture, $"row {count + 1} of {table.Name} ({table.KeyNames}: {string.Join(", ", key)})");
                break;
            }

            hash.AppendData(actual.GetBuffer(), 0, (int)actual.Length);
            last = row;
            if (++count % MaxRowsPerCommit == 0)
            {
                progress.Report(count);
            }
        }

        progress.End(count);
        return new Comparison(table.Name, sourceRows, count, last, Convert.ToHexStringLower(hash.GetHashAndReset()), difference);
    }

    /// <summary>
    /// Each value as 0 (null), 1 and 8 bytes, 2 and 1 byte, or 3, the length in 4 bytes and the bytes; little-endian.
    /// </summary>
    private static ReadOnlySpan<byte> Encode(object?[] row, MemoryStream buffer)
    {
        buffer.SetLength(0);
        using var writer = new BinaryWriter(buffer, Encoding.UTF8, leaveOpen: true);
        foreach (var value in row)
        {
            switch (value)
            {
                case long number:
                    writer.Write((byte)1);
                    writer.Write(number);
                    break;
                case bool flag:
                    writer.Write((byte)2);
                    writer.Write(flag);
                    break;
                case byte[] bytes:
                    writer.Write((byte)3);
                    writer.Write(bytes.Length);
                    writer.Write(bytes);
                    break;
                default:
                    writer.Write((byte)0);
                    break;
            }
        }

        return buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
    }
}
