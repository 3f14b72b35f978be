using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;

namespace Chasqui.Server.Storage.Copying;

/// <summary>What a table holds, on both sides the same.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Checksum">SHA-256 of the canonical bytes of all rows in the order of their keys, in hexadecimal.</param>
internal sealed record CopyVerdict(string Table, long Rows, string Checksum);

/// <summary>
/// Copies everything that a server keeps into a database that is empty, or holds the beginning of just this copy. What was begun
/// is gone on with: each table is filled in the order of its keys, so what is there must be how it begins, and is compared first.
/// </summary>
internal sealed class StorageCopy(CopySource source, CopyTarget target, CopyProgress progress)
{
    /// <summary>Rows that are committed together.</summary>
    private const int MaxRows = 10_000;

    /// <summary>Whatever comes first: a message can be long.</summary>
    private const long MaxBytes = 8 * 1024 * 1024;

    private readonly Dictionary<CopiedTable, long> _counts = [];

    /// <exception cref="CopyException">The target holds something else, or the two differ in the end.</exception>
    public async Task<IReadOnlyList<CopyVerdict>> RunAsync(CancellationToken cancellationToken)
    {
        foreach (var table in CopiedTables.All)
        {
            _counts[table] = source.Count(table);
        }

        // All of them before anything is written.
        var there = CopiedTables.All.ToDictionary(table => table, table => ThereAlready(table, cancellationToken));
        target.Begin();
        foreach (var table in CopiedTables.All)
        {
            await CopyAsync(table, there[table], cancellationToken);
        }

        var verdicts = CopiedTables.All.Select(table => Verify(table, cancellationToken)).ToArray();
        source.RequireUnchanged();
        target.Finish();
        return verdicts;
    }

    private Compared ThereAlready(CopiedTable table, CancellationToken cancellationToken)
    {
        if (!target.HasTables)
        {
            return new Compared(0, Last: null, Checksum: "", Difference: null);
        }

        var compared = Compare(table, "comparing", cancellationToken);
        return compared.Difference is null ? compared : throw new CopyException(
            $"The target holds something else than the beginning of this source: {compared.Difference}. Name an empty database.");
    }

    private async Task CopyAsync(CopiedTable table, Compared there, CancellationToken cancellationToken)
    {
        var done = there.Rows;
        progress.Begin($"copying {table.Name}", _counts[table], done);
        foreach (var batch in Batches(source.Rows(table, there.Last)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await target.AddAsync(table, batch, cancellationToken);
            done += batch.Count;
            progress.Report(done);
        }

        progress.End(done);
        if (table.IsNumbered && source.LastNumber(table) is var number and > 0)
        {
            target.GoOnBehind(table, number);
        }
    }

    private CopyVerdict Verify(CopiedTable table, CancellationToken cancellationToken)
    {
        var compared = Compare(table, "verifying", cancellationToken);
        var difference = compared.Difference
            ?? (compared.Rows == _counts[table] ? null : $"{table.Name} has {compared.Rows} rows and must have {_counts[table]}");
        return difference is null ? new CopyVerdict(table.Name, compared.Rows, compared.Checksum) : throw new CopyException(
            $"The copy differs from its source: {difference}. It was left as it is, and no server starts with it.");
    }

    /// <summary>Reads both sides beside each other, as far as the target goes.</summary>
    private Compared Compare(CopiedTable table, string doing, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ArrayBufferWriter<byte> ours = new(), theirs = new();
        using var rows = source.Rows(table).GetEnumerator();
        CopiedRow? last = null;
        var count = 0L;
        string? difference = null;
        progress.Begin($"{doing} {table.Name}", _counts[table], done: 0);
        foreach (var row in target.Rows(table))
        {
            cancellationToken.ThrowIfCancellationRequested();
            theirs.ResetWrittenCount();
            row.WriteTo(theirs);
            ours.ResetWrittenCount();
            if (rows.MoveNext())
            {
                rows.Current.WriteTo(ours);
            }

            if (!ours.WrittenSpan.SequenceEqual(theirs.WrittenSpan))
            {
                difference = $"row {count + 1} of {table.Name} ({Describe(table, row)})";
                break;
            }

            hash.AppendData(theirs.WrittenSpan);
            last = row;
            if (++count % MaxRows == 0)
            {
                progress.Report(count);
            }
        }

        progress.End(count);
        return new Compared(count, last, Convert.ToHexStringLower(hash.GetHashAndReset()), difference);
    }

    private static string Describe(CopiedTable table, CopiedRow row) => string.Join(", ", table.Columns.Take(table.Key).Select((column, i) =>
        string.Create(CultureInfo.InvariantCulture, $"{column.Name} {(row.Values[i] is byte[] bytes ? Convert.ToHexStringLower(bytes) : row.Values[i])}")));

    private static IEnumerable<IReadOnlyCollection<CopiedRow>> Batches(IEnumerable<CopiedRow> rows)
    {
        var batch = new List<CopiedRow>();
        var bytes = 0L;
        foreach (var row in rows)
        {
            batch.Add(row);
            bytes += row.Values.Sum(value => value is byte[] some ? some.Length : sizeof(long));
            if (batch.Count == MaxRows || bytes >= MaxBytes)
            {
                yield return batch;
                batch = [];
                bytes = 0;
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    /// <param name="Rows">How many rows are the same.</param>
    /// <param name="Last">The last of them.</param>
    /// <param name="Checksum">Of them.</param>
    /// <param name="Difference">What is not the same.</param>
    private sealed record Compared(long Rows, CopiedRow? Last, string Checksum, string? Difference);
}
